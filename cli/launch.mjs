#!/usr/bin/env node
// @ts-check
// Every command starts here. Plain JavaScript without packages, for Node 20 and up: it runs before there is a node_modules.
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { projectNode, projectRoot } from './setup/places.mjs'
import { prepare } from './setup/prepare.mjs'
import { relayFlags } from './setup/relayFlags.mjs'

/**
 * What a command runs, and the parts of set-up without which it cannot. The other parts are made too; when one of
 * those fails the command says so and goes on.
 * `flags` are Node's.
 * @type {Record<string, { script: string, flags?: string[], needs: import('./setup/missingParts.mjs').Part[] }>}
 */
const commands = {
  start: { script: 'server/main.ts', flags: relayFlags, needs: [] },
  demo: { script: 'cli/demo.ts', needs: ['browser', 'models', 'pages'] },
  test: { script: 'cli/test.ts', needs: ['browser', 'models', 'pages'] },
  soak: { script: 'cli/soak.ts', needs: ['browser', 'models', 'pages'] },
  bench: { script: 'cli/bench.ts', needs: ['browser', 'models', 'pages'] },
  tab: { script: 'cli/tab.ts', needs: ['browser'] },
  opentab: { script: 'cli/opentab.ts', needs: [] },
  setup: { script: '', needs: ['browser', 'models', 'pages'] },
}

/**
 * Runs one command of the table after its set-up and ends with its exit code.
 * @param {string} name
 * @param {string[]} args
 * @param {string} typedIn folder that relative FILE arguments start from
 */
export async function launch(name, args, typedIn) {
  if (name === 'sim') {
    process.stderr.write('The simulators come with a later version of Opentab.\n')
    process.exit(2)
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) {
    process.stderr.write(`There is no command ${name}. Commands are ${Object.keys(commands).join(', ')}.\n`)
    process.exit(2)
  }
  process.chdir(projectRoot)
  const dataFolder = resolve(projectRoot, dataSetting(name === 'start' ? args : []))
  try {
    await prepare({ needs: command.needs, dataFolder })
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  }
  if (!command.script) return
  run([...(command.flags ?? []), '--import', './server/rawText.ts', command.script, ...args], {
    ...process.env,
    INIT_CWD: typedIn,
    // Compiled code is kept between runs: the relay is up in half the time.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? resolve(projectRoot, '.cache/compile'),
  })
}

/**
 * The data folder that the command will use: its flag, else the environment, else the default.
 * @param {string[]} args
 */
function dataSetting(args) {
  for (const [index, arg] of args.entries()) {
    if (arg === '--data') return args[index + 1] ?? ''
    if (arg.startsWith('--data=')) return arg.slice('--data='.length)
  }
  return process.env.OPENTAB_DATA || './data'
}

/**
 * Turns this process into the project's Node where the system can do that; elsewhere starts it, hands signals on and
 * ends as it ends.
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
function run(args, env) {
  const execve = /** @type {undefined | ((file: string, args: string[], env: object) => never)} */ (
    Reflect.get(process, 'execve')
  )
  if (execve && process.platform !== 'win32') {
    execve.call(process, projectNode, [projectNode, ...args], env)
  }
  const child = spawn(projectNode, args, { env, stdio: 'inherit' })
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT', 'SIGHUP'])) {
    process.on(signal, () => child.kill(signal))
  }
  child.on('error', (error) => {
    process.stderr.write(`${projectNode} could not be started: ${error.message}\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [name = '', ...args] = process.argv.slice(2)
  const typedIn = (process.env.npm_lifecycle_event && process.env.INIT_CWD) || process.cwd()
  await launch(name, args, typedIn)
}
