import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pcg } from '../../protocol/seededInputs.ts'
import type { Lease } from '../../protocol/task.ts'
import { readConfig } from '../../server/config.ts'
import { createRelay } from '../../server/createRelay.ts'
import { RESUME_GRACE_MS } from '../../server/placement/tabRegistry.ts'
import { computeLease, SimulatedTab } from '../simulatedTab.ts'
import { auditData } from './auditData.ts'

const TASKS = 10_000
const TASKS_A_JOB = 50
const HONEST = 6
const CHURNING = 6

/** What a churning tab does with the leases of a frame. */
const manners = [
  'answer',
  'answer twice',
  'answer half and vanish',
  'vanish',
  'vanish and resume late',
  'vanish, resume and answer',
] as const

const addressOf = (n: number): string => `0x${(0x1000 + n).toString(16).padStart(40, '0')}`

/**
 * Works `tasks` off with tabs of which half vanish, resume late or answer twice.
 * @throws Error when a task is neither done nor refunded, or paid twice
 */
export async function churn(tasks: number, seed = Date.now()): Promise<void> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'opentab-churn-'))
  let drawn = 0
  const draw = (below: number): number => pcg((seed + drawn++) >>> 0) % below
  const counts = new Map<string, number>()
  const tabs = new Set<SimulatedTab>()
  let ended = false
  const relay = await createRelay(readConfig({ OPENTAB_PORT: '0', OPENTAB_DATA: dataFolder }))
  try {
    const connect = (
      n: number,
      work: (leases: readonly Lease[], tab: SimulatedTab) => void,
      resume?: string,
    ): SimulatedTab => {
      const tab = new SimulatedTab({
        relayUrl: relay.url,
        address: addressOf(n),
        slots: 8,
        work,
        ...(resume ? { resume } : {}),
      })
      tabs.add(tab)
      void tab.closed.then(() => tabs.delete(tab))
      return tab
    }
    const beat = setInterval(() => {
      for (const tab of tabs) tab.send({ type: 'heartbeat', leases: [] })
    }, 2_000)

    for (let n = 0; n < HONEST; n++) connect(n, (leases, tab) => tab.sendResults(leases.map(computeLease)))
    for (let n = HONEST; n < HONEST + CHURNING; n++) {
      const churning = (leases: readonly Lease[], tab: SimulatedTab): void => {
        const results = leases.map(computeLease)
        const manner = ended ? 'answer' : manners[draw(manners.length)]!
        counts.set(manner, (counts.get(manner) ?? 0) + 1)
        const again = (ms: number, late: boolean, resume?: string): void => {
          tab.vanish()
          setTimeout(() => {
            if (ended) return
            const back = connect(n, churning, resume)
            back.greeted.then(
              () => late && back.sendResults(results),
              () => {},
            )
          }, ms)
        }
        switch (manner) {
          case 'answer twice':
            tab.sendResults([...results, ...results])
            return tab.sendResults(results)
          case 'answer half and vanish':
            tab.sendResults(results.slice(0, Math.ceil(results.length / 2)))
            return again(10, false)
          case 'vanish':
            return again(10, false)
          case 'vanish and resume late':
            return again(RESUME_GRACE_MS + 700, true, tab.resume)
          case 'vanish, resume and answer':
            return again(10, true, tab.resume)
          default:
            return tab.sendResults(results)
        }
      }
      connect(n, churning)
    }
    await Promise.all([...tabs].map((tab) => tab.greeted))

    let left = tasks
    let done = 0
    const worker = async (): Promise<void> => {
      while (left > 0) {
        const count = Math.min(TASKS_A_JOB, left)
        left -= count
        const job = Array.from({ length: count }, () => ({
          kind: 'kernel',
          kernel: 'matmul-i8',
          shape: { m: 1, k: 1, n: 1 },
          seed: draw(0xffff),
        }))
        const answer = await fetch(`${relay.url}/v1/jobs`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ kind: 'batch', tasks: job }),
        })
        const { id } = (await answer.json()) as { id: string }
        const events = await (await fetch(`${relay.url}/v1/jobs/${id}/events`)).text()
        if (!/"state":"(done|failed)"/.test(events))
          throw new Error(`${id} did not end: ${events.slice(-200)}`)
        done += count
        if (done % 1000 === 0) console.log(`churn: ${done} of ${tasks} tasks are through`)
      }
    }
    await Promise.all(Array.from({ length: 8 }, worker))
    ended = true
    clearInterval(beat)
  } finally {
    ended = true
    for (const tab of tabs) tab.vanish()
    await relay.close()
  }
  const audit = await auditData(dataFolder)
  rmSync(dataFolder, { recursive: true, force: true })
  const paid = [...audit.credits.values()].reduce((sum, credit) => sum + credit, 0)
  if (audit.jobs.open) throw new Error(`${audit.jobs.open} jobs are open`)
  if (paid !== audit.verified)
    throw new Error(`${audit.verified} tasks of one micro-credit are verified and ${paid} were paid`)
  const wanted = [...manners].filter((manner) => !counts.has(manner))
  if (tasks >= 1000 && wanted.length > 0) throw new Error(`nobody did: ${wanted.join(', ')}`)
  console.log(
    `churn: ${tasks} tasks, jobs ${JSON.stringify(audit.jobs)}, ${audit.verified} verified, each paid once; manners ${JSON.stringify(Object.fromEntries(counts))}; seed ${seed}`,
  )
}

export default async function run({ scale = 1 }: { scale?: number } = {}): Promise<void> {
  await churn(Math.max(TASKS_A_JOB, Math.round(TASKS * scale)))
}
