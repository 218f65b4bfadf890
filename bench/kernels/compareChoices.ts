import { medianOf } from '../../protocol/medianOf.ts'
import { rounded } from '../benchReport.ts'
import { load, ratioOf } from '../pairedRuns.ts'
import { inWords, type KernelRow, SEED } from './compareKernels.ts'
import type { searched as searchedKernels } from './comparisons.ts'
import type { KernelSide } from './kernelPageApi.ts'
import type { OpenedKernelPage } from './openKernelPage.ts'
import { bestChoice, type TurnLength, timedSides } from './timedSides.ts'

/** Least median of the pick ÷ the best, on every adapter. */
const BAR = 0.95

/**
 * What the tuner picks ÷ the best found by trying everything. The best is searched first and then timed anew beside the
 * pick, so that a lucky turn of the search counts for nothing.
 */
export async function compareChoices(
  page: OpenedKernelPage,
  searched: typeof searchedKernels,
  turns: TurnLength,
): Promise<KernelRow[]> {
  const rows: KernelRow[] = []
  for (const { kernel, shape } of searched) {
    const base = { kernel, shape, seed: SEED }
    const best = await bestChoice(page, base, await page.choices(kernel), turns.turnMs)
    const before = load()
    const sides = new Map<string, KernelSide>([
      ['pick', { ...base, by: 'opentab', choice: 'tuned' }],
      ['best', { ...base, by: 'opentab', choice: best }],
    ])
    const results = await timedSides(page, sides, turns)
    rows.push({
      ratio: `${kernel} ${inWords(shape)}: tuner's pick ÷ best (${best.variant} ${JSON.stringify(best.tuning)})`,
      value: rounded(ratioOf(results, 'pick', 'best')),
      bar: null,
      ms: results.map((result) => rounded(1000 / result.median)).join(', '),
      load: before,
    })
  }
  const values = rows.map(({ value }) => value)
  rows.push({
    ratio: "tuner's pick ÷ best, median over the shapes",
    value: medianOf(values),
    bar: BAR,
    ms: '',
    load: load(),
  })
  return rows
}
