import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { relayFlags } from '../../cli/setup/relayFlags.mjs'
import { projectRoot, readConfig } from '../../server/config.ts'

export interface RelayChild {
  /** `http://127.0.0.1:40123` */
  url: string
  pid: number
  /** Ends it and removes its data folder. */
  stop(): Promise<void>
}

/** Makes the folder an empty data folder that holds the models of this project's one; remove it with `rmSync`. */
export function makeDataFolder(folder: string): string {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const { DATA } = readConfig(process.env)
  symlinkSync(join(DATA.startsWith('/') ? DATA : join(projectRoot, DATA), 'models'), join(folder, 'models'))
  return folder
}

/** The first line that a program prints. @throws Error when it ends before that */
export function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', (line: Buffer) => resolve(line.toString().trim()))
    child.once('exit', (code) =>
      reject(new Error(`${child.spawnargs.join(' ')} ended with ${String(code)}.`)),
    )
    child.once('error', reject)
  })
}

export interface RelayChildOptions {
  /** Whether results are drawn for checks beyond the cheap ones. */
  checks?: boolean
  synchronous?: 'FULL' | 'NORMAL'
  /** Runs it in test mode, with this delay before each hop between stages, ms. */
  hopMs?: number
}

/**
 * A relay in a process of its own, with the flags that `npm start` gives it, on an empty data folder that holds the
 * packaged models.
 */
export async function startRelay(options: RelayChildOptions = {}): Promise<RelayChild> {
  const folder = makeDataFolder(mkdtempSync(join(tmpdir(), 'opentab-bench-')))
  const relay = await startRelayOn(folder, options)
  return {
    ...relay,
    async stop() {
      await relay.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** As `startRelay`, on a data folder of the caller's own. */
export async function startRelayOn(
  folder: string,
  { checks = true, synchronous = 'FULL', hopMs }: RelayChildOptions = {},
): Promise<RelayChild> {
  const child = spawn(
    process.execPath,
    [
      ...relayFlags,
      '--import',
      join(projectRoot, 'server/rawText.ts'),
      join(projectRoot, 'bench/relay/relayProcess.ts'),
      folder,
      synchronous,
      checks ? 'checked' : 'unchecked',
      hopMs === undefined ? '' : String(hopMs),
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const url = await firstLine(child)
  return {
    url,
    pid: child.pid ?? 0,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.stdin.end()
      await ended
    },
  }
}
