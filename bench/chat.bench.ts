import { type BenchOptions, type BenchReport, rounded } from './benchReport.ts'
import { benchModel } from './chat/benchModel.ts'
import { type Measured, measureOneTab } from './chat/oneTab.ts'
import { measurePullToFirst } from './chat/pullToFirst.ts'
import { measureRecovery } from './chat/recovery.ts'
import { measureRings } from './chat/rings.ts'
import { measureTabMemory } from './chat/tabMemory.ts'
import { load } from './pairedRuns.ts'
import { openBrowser } from './tabs/contributor.ts'

const ROUNDS = 3

/** SmolLM2-135M through relay and tabs: whole in one tab, and in three parts over a ring. */
export default async function chatBench({
  rounds = ROUNDS,
  scale = 1,
}: BenchOptions = {}): Promise<BenchReport> {
  const before = load()
  const bench = await benchModel()
  const parts: Measured[] = [await measureTabMemory(bench, rounds)]
  const browser = await openBrowser()
  try {
    parts.push(await measureOneTab(browser, bench, rounds, scale))
    parts.push(await measureRings(browser, bench, rounds, scale))
    parts.push(await measureRecovery(browser, bench, rounds))
    parts.push(await measurePullToFirst(browser, bench, rounds))
  } finally {
    await browser.close()
  }
  return {
    name: 'chat',
    load: { before: rounded(before), after: load() },
    rows: parts.flatMap(({ rows }) => rows),
    ratios: Object.assign({}, ...parts.map(({ ratios }) => ratios)),
  }
}
