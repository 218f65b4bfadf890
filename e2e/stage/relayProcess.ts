import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { projectRoot } from '../../cli/setup/places.mjs'
import { makeDataFolder, makeTinyLanguageFolder, type PackagedModel } from './dataFolder.ts'

const READY = /Opentab relay ready on (\S+)/
/** Longest time a relay gets to be ready or to end, ms: a busy machine is slow. */
const PATIENCE_MS = 60_000

export interface RelayProcessOptions {
  /** Models that it serves; none means that tabs are ready at once and only kernels run. */
  models?: readonly PackagedModel[]
  /** Serves a tiny language model of random weights under this name (`tiny`), instead of packaged models. */
  tinyLanguageModel?: boolean
  /** Test mode: `?start=1` and the fault switches. Default true. */
  test?: boolean
}

/** A real relay in a process of its own, on a data folder of its own. */
export interface RelayProcess {
  url: string
  /** What it logged, newest last. */
  log(): string
  /** `kill -9`: no goodbye, nothing flushed. */
  kill(): Promise<void>
  /** SIGTERM: it drains; gives its exit code. */
  terminate(): Promise<number | null>
  /** Starts it again after `kill` or `terminate`: same data, same port. */
  restart(): Promise<void>
  /** Kills it and deletes its data. */
  remove(): Promise<void>
}

/** Starts a relay on a free port; resolves when it is ready. */
export async function startRelayProcess(options: RelayProcessOptions = {}): Promise<RelayProcess> {
  const { models = [], tinyLanguageModel = false, test = true } = options
  const folder = await (tinyLanguageModel ? makeTinyLanguageFolder() : makeDataFolder(models))
  let child: ChildProcess | null = null
  let log = ''

  async function start(port: number): Promise<string> {
    const args = ['--import', './server/rawText.ts', 'server/main.ts']
    const flags = ['--port', String(port), '--data', folder, '--test', test ? '1' : '0']
    const env: NodeJS.ProcessEnv = { NODE_COMPILE_CACHE: join(projectRoot, '.cache/compile') }
    for (const [name, value] of Object.entries(process.env)) {
      if (!name.startsWith('OPENTAB_') && name !== 'NODE_OPTIONS') env[name] = value
    }
    const relay = spawn(process.execPath, [...args, ...flags], {
      cwd: projectRoot,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = relay
    // Nothing outlives the tests, not even when they are broken off.
    const killWithUs = () => void relay.kill('SIGKILL')
    process.once('exit', killWithUs)
    relay.once('exit', () => process.off('exit', killWithUs))
    relay.stderr.on('data', (text: Buffer) => {
      log = (log + text.toString()).slice(-40_000)
    })
    return await new Promise<string>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`The relay ${why}. Its log:\n${log}`))
      const timer = setTimeout(() => fail(`was not ready within ${PATIENCE_MS} ms`), PATIENCE_MS)
      relay.once('exit', (code, signal) => fail(`ended with ${code ?? signal} before it was ready`))
      let said = ''
      relay.stdout.on('data', (text: Buffer) => {
        said += text.toString()
        const url = READY.exec(said)?.[1]
        if (url === undefined) return
        clearTimeout(timer)
        resolve(url)
      })
    })
  }

  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const relay = child
    child = null
    if (relay === null || relay.exitCode !== null || relay.signalCode !== null) return relay?.exitCode ?? null
    const exited = once(relay, 'exit')
    relay.kill(signal)
    await exited
    return relay.exitCode
  }

  const url = await start(0).catch(async (error: unknown) => {
    await end('SIGKILL')
    await rm(folder, { recursive: true, force: true })
    throw error
  })
  return {
    url,
    log: () => log,
    async kill() {
      await end('SIGKILL')
    },
    terminate: () => end('SIGTERM'),
    async restart() {
      await start(Number(new URL(url).port))
    },
    async remove() {
      await end('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
