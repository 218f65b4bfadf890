import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compressPages } from './compressPages.ts'
import { pageSources } from './missingParts.mjs'
import { builtFrom, pagesFolder, projectNode, projectRoot } from './places.mjs'
import { runToEnd } from './runToEnd.mjs'

/**
 * Builds and compresses the pages beside the old ones and then puts them in their place, so that a relay that runs meanwhile never
 * serves half of them.
 * @throws Error when the build fails; the builder's own words are on stderr
 */
export async function buildPages(say: (line: string) => void): Promise<void> {
  const startedAt = Date.now()
  say('Building the pages ...')
  const sources = pageSources()
  const fresh = join(projectRoot, '.cache/pages-new')
  const old = join(projectRoot, '.cache/pages-old')
  const vite = join(projectRoot, 'node_modules/vite/bin/vite.js')
  const code = await runToEnd(
    projectNode,
    [vite, 'build', '--outDir', fresh, '--emptyOutDir', '--logLevel', 'error'],
    { cwd: projectRoot },
  )
  if (code !== 0) throw new Error(`The pages could not be built: vite build ended with ${code}.`)
  await compressPages(join(fresh, 'assets'))
  writeFileSync(join(fresh, builtFrom), sources)
  rmSync(old, { recursive: true, force: true })
  try {
    renameSync(pagesFolder, old)
  } catch {
    // The first build.
  }
  renameSync(fresh, pagesFolder)
  rmSync(old, { recursive: true, force: true })
  say(`Pages built in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`)
}
