import type { ThroughputSample } from '../../worker/link/tabApi.ts'

/** What the chart covers, ms. */
export const CHART_SPAN_MS = 15 * 60_000
/** One sample stands for this long, ms. */
export const SAMPLE_MS = 5_000

/** Columns for the chart: times in seconds since 1970, GFLOP/s, tasks. */
export type ChartColumns = [at: number[], gflops: (number | null)[], tasks: (number | null)[]]

/**
 * The samples of the last 15 minutes as columns, with a null where samples are missing, so that a time without work
 * known is a gap in the line and not a slope.
 */
export function chartColumns(samples: readonly ThroughputSample[], nowMs: number): ChartColumns {
  const columns: ChartColumns = [[], [], []]
  let before = Number.NaN
  for (const { at, gflops, tasks } of samples) {
    if (at < nowMs - CHART_SPAN_MS) continue
    if (at - before > SAMPLE_MS * 2.5) push(columns, (before + SAMPLE_MS) / 1000, null, null)
    push(columns, at / 1000, gflops, tasks)
    before = at
  }
  return columns
}

/** Whether the last 15 minutes hold any work: an idle tab has samples too, all of them zero. */
export const hasRun = (samples: readonly ThroughputSample[], nowMs: number): boolean =>
  samples.some(({ at, gflops, tasks }) => at >= nowMs - CHART_SPAN_MS && (gflops > 0 || tasks > 0))

/** Where the axis of the speed ends, GFLOP/s: tasks that cost nothing leave no speed to measure it by. */
export const speedAxisTop = (highest: number | null): number => (highest ? highest * 1.15 : 1)

function push(columns: ChartColumns, at: number, gflops: number | null, tasks: number | null): void {
  columns[0].push(at)
  columns[1].push(gflops)
  columns[2].push(tasks)
}

/** One minute of the table behind the chart. */
export interface ThroughputMinute {
  /** Begin of the minute, epoch ms. */
  at: number
  /** Mean over the samples of that minute. */
  gflops: number
  tasks: number
}

/** The last 15 minutes, minute by minute, newest first. */
export function minutesOf(samples: readonly ThroughputSample[], nowMs: number): ThroughputMinute[] {
  const minutes = new Map<number, { gflops: number; tasks: number; samples: number }>()
  for (const { at, gflops, tasks } of samples) {
    if (at < nowMs - CHART_SPAN_MS) continue
    // A sample's time is its end: one that ends on the minute belongs to the minute before.
    const begin = Math.floor((at - 1) / 60_000) * 60_000
    const minute = minutes.get(begin) ?? { gflops: 0, tasks: 0, samples: 0 }
    minutes.set(begin, {
      gflops: minute.gflops + gflops,
      tasks: minute.tasks + tasks,
      samples: minute.samples + 1,
    })
  }
  return [...minutes]
    .map(([at, minute]) => ({ at, gflops: minute.gflops / minute.samples, tasks: minute.tasks }))
    .sort((a, b) => b.at - a.at)
}

/** The figures that sum the chart up. */
export function summaryOf(
  samples: readonly ThroughputSample[],
  nowMs: number,
): { now: number; top: number; tasks: number } {
  const shown = samples.filter(({ at }) => at >= nowMs - CHART_SPAN_MS)
  return {
    now: shown.at(-1)?.gflops ?? 0,
    top: shown.reduce((top, { gflops }) => Math.max(top, gflops), 0),
    tasks: shown.reduce((sum, { tasks }) => sum + tasks, 0),
  }
}
