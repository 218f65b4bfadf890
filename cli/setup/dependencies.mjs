// @ts-check
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { projectNode, projectRoot } from './places.mjs'
import { runToEnd } from './runToEnd.mjs'

const stampFile = join(projectRoot, 'node_modules/.cache/opentab/dependencies')

/** Changes when the lockfile or the machine's kind does. */
function wanted() {
  const hash = createHash('sha256').update(readFileSync(join(projectRoot, 'package-lock.json')))
  return hash.update(`\0${process.platform} ${process.arch}`).digest('hex')
}

/** Whether node_modules holds what package-lock.json says. Costs about a millisecond. */
export function dependenciesPresent() {
  if (!existsSync(projectNode)) return false
  try {
    if (readFileSync(stampFile, 'utf8') === wanted()) return true
  } catch {
    // No stamp: a person may have installed by hand.
  }
  if (!installedByHand()) return false
  writeStamp()
  return true
}

function writeStamp() {
  mkdirSync(dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, wanted())
}

/** Compares npm's own record of what it installed with the lockfile. */
function installedByHand() {
  /** @param {string} file @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }>} */
  const packagesOf = (file) => JSON.parse(readFileSync(join(projectRoot, file), 'utf8')).packages
  try {
    const installed = packagesOf('node_modules/.package-lock.json')
    return Object.entries(packagesOf('package-lock.json')).every(([path, entry]) => {
      if (path === '') return true
      const there = installed[path]
      return there ? there.version === entry.version : entry.optional || entry.devOptional
    })
  } catch {
    return false
  }
}

/** Settings of an outer npm call that are not meant for this one. */
const outerSettings =
  /^npm_config_(json|dry_run|omit|include|production|prefix|local_prefix|global|location)$/i

/**
 * Installs the locked dependencies with npm.
 * @param {(line: string) => void} say
 */
export async function installDependencies(say) {
  const startedAt = Date.now()
  say('Installing the locked dependencies (npm ci) ...')
  const clock = setInterval(
    () =>
      say(`Installing the locked dependencies: ${Math.round((Date.now() - startedAt) / 1000)} s so far ...`),
    10_000,
  )
  /** @type {NodeJS.ProcessEnv} */
  const env = {}
  for (const [name, value] of Object.entries(process.env)) if (!outerSettings.test(name)) env[name] = value
  // npm replaces node_modules, so it must not run on the Node in there.
  const modules = join(projectRoot, 'node_modules')
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(modules))
  env.PATH = path.join(delimiter)
  const npm = npmCommand(path)
  const code = await runToEnd(npm.file, [...npm.args, 'ci', '--include=dev', '--no-audit', '--no-fund'], {
    cwd: projectRoot,
    env,
    shell: npm.shell,
  }).finally(() => clearInterval(clock))
  if (code !== 0) {
    throw new Error(
      `npm ci ended with ${code}: the dependencies could not be installed. Its own words are above; it needs the npm registry.`,
    )
  }
  if (!existsSync(projectNode)) {
    throw new Error(
      `npm ci left no ${projectNode}. Allow install scripts (npm config delete ignore-scripts) and try again.`,
    )
  }
  writeStamp()
  say(`Dependencies installed in ${Math.round((Date.now() - startedAt) / 1000)} s.`)
}

/**
 * npm as this process was started by it, on a Node outside node_modules.
 * @param {string[]} path
 * @returns {{ file: string, args: string[], shell: boolean }}
 */
function npmCommand(path) {
  const script = process.env.npm_execpath
  const node = path.map((folder) => join(folder, 'node')).find((file) => existsSync(file))
  if (script?.endsWith('.js') && existsSync(script) && node)
    return { file: node, args: [script], shell: false }
  return { file: 'npm', args: [], shell: process.platform === 'win32' }
}
