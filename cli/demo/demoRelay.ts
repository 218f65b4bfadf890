import { spawn } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectRoot } from '../../server/config.ts'
import { relayFlags } from '../setup/relayFlags.mjs'

/** A relay in a process of its own, on a free port, with a data folder that goes with it. */
export interface DemoRelay {
  url: string
  dataFolder: string
  /** Ends it gracefully. @returns its exit code; null when it had to be killed */
  stop(): Promise<number | null>
}

const READY_MS = 20_000
const STOP_MS = 15_000
const LOG_TAIL_CHARACTERS = 2_000

/** Starts it with a copy of the models of another data folder. @throws Error with the end of its log */
export async function startDemoRelay(modelsFrom: string): Promise<DemoRelay> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'opentab-demo-'))
  await cp(join(modelsFrom, 'models'), join(dataFolder, 'models'), { recursive: true })
  // Nothing of the surrounding configuration: the demo is the same everywhere.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OPENTAB_')))
  const child = spawn(
    process.execPath,
    [...relayFlags, '--import', './server/rawText.ts', 'server/main.ts', '--port', '0', '--data', dataFolder],
    { cwd: projectRoot, env, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-LOG_TAIL_CHARACTERS)
  })
  const killWithUs = (): void => void child.kill('SIGKILL')
  process.once('exit', killWithUs)
  const url = await new Promise<string>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`The relay did not start: ${why}. ${log}`))
    const timer = setTimeout(() => fail(`it is not ready after ${READY_MS / 1000} s`), READY_MS)
    child.stdout.on('data', (chunk: Buffer) => {
      const found = /http:\/\/\S+/.exec(chunk.toString())
      if (!found) return
      clearTimeout(timer)
      resolve(found[0])
    })
    void ended.then((code) => fail(`it ended with ${code}`))
  })
  return {
    url,
    dataFolder,
    async stop() {
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
      child.kill('SIGTERM')
      const code = await ended
      clearTimeout(timer)
      process.off('exit', killWithUs)
      await rm(dataFolder, { recursive: true, force: true })
      return code
    },
  }
}
