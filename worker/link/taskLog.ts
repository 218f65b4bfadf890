import type { VerdictItem } from '../../protocol/messages.ts'
import type { Lease } from '../../protocol/task.ts'
import type { TabSnapshot, TaskLogEntry, ThroughputSample } from './tabApi.ts'

/** Rows kept for the page. */
export const LOG_ROWS = 200
/** Length of one interval of the chart, ms. */
export const SAMPLE_MS = 5_000
/** Intervals kept: 15 minutes. */
export const SAMPLES = 180

/** What was done, for the page: the newest tasks with their verdicts, totals of the session, and the chart. */
export class TaskLog {
  /** Oldest first; keyed by task and generation. */
  readonly #rows = new Map<string, TaskLogEntry>()
  readonly #samples: ThroughputSample[] = []
  #microCredits = 0n
  #completed = 0
  #rejected = 0
  #sampleMicroCredits = 0n
  #sampleTasks = 0

  /** A task ended here: `finished` waits for its verdict, the others are final. */
  add(
    { task, generation, spec }: Lease,
    ended: {
      at: number
      computeMs: number
      subject: string
      graph: string | null
      verdict: 'failed' | 'handed-back' | null
      reason: string | null
    },
  ): void {
    const { at, computeMs, subject, graph, verdict, reason } = ended
    const key = `${task}:${generation}`
    this.#rows.delete(key)
    this.#rows.set(key, {
      task,
      at,
      kind: spec.kind,
      subject,
      graph,
      computeMs,
      verdict,
      microCredits: '0',
      receipt: null,
      reason,
    })
    if (this.#rows.size > LOG_ROWS) {
      for (const oldest of this.#rows.keys()) {
        this.#rows.delete(oldest)
        break
      }
    }
  }

  /** The relay's verdicts; tasks that have left the log still count in the totals. */
  judge(items: readonly VerdictItem[]): void {
    for (const { task, generation, verdict, microCredits, receipt, reason, steps = [] } of items) {
      const earned = BigInt(microCredits)
      this.#microCredits += earned
      this.#sampleMicroCredits += earned
      this.#sampleTasks++
      if (verdict === 'rejected') this.#rejected++
      else this.#completed++
      const judged = { verdict, receipt, reason: reason ?? null }
      this.#judge(`${task}:${generation}`, { ...judged, microCredits })
      // Their credit stands with the first of them.
      for (const [later, leased] of steps) this.#judge(`${later}:${leased}`, { ...judged, microCredits: '0' })
    }
  }

  #judge(key: string, judged: Pick<TaskLogEntry, 'verdict' | 'receipt' | 'reason' | 'microCredits'>): void {
    const row = this.#rows.get(key)
    if (row) this.#rows.set(key, { ...row, ...judged })
  }

  /** Closes an interval of the chart at `at`, epoch ms. 1 micro-credit is 1000 canonical operations. */
  sample(at: number): void {
    const gflops = (Number(this.#sampleMicroCredits) * 1000) / (SAMPLE_MS / 1000) / 1e9
    this.#samples.push({ at, gflops, tasks: this.#sampleTasks })
    if (this.#samples.length > SAMPLES) this.#samples.shift()
    this.#sampleMicroCredits = 0n
    this.#sampleTasks = 0
  }

  /** Newest first. */
  rows(): TaskLogEntry[] {
    return [...this.#rows.values()].reverse()
  }

  /** Oldest first. */
  samples(): ThroughputSample[] {
    return [...this.#samples]
  }

  session(startedAt: number | null): TabSnapshot['session'] {
    return {
      microCredits: this.#microCredits.toString(),
      completed: this.#completed,
      rejected: this.#rejected,
      startedAt,
    }
  }
}
