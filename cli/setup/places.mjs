// @ts-check
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's root, without a slash at its end. */
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '')

/** The Node that the project brings itself, as an npm package. */
export const projectNode = join(
  projectRoot,
  'node_modules/node/bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
)

/** What set-up found and made: a JSON file that may be deleted at any time. */
export const setUpFile = join(projectRoot, '.cache/setup.json')

/** The built pages. */
export const pagesFolder = join(projectRoot, 'dist')

/** Written into the built pages: the hash of the sources that they were built from. */
export const builtFrom = '.built-from'
