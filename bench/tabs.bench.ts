import { medianOf } from '../protocol/medianOf.ts'
import { type BenchOptions, type BenchReport, rounded } from './benchReport.ts'
import { load, type PairedResult, pairedRuns, ratioOf, type Side } from './pairedRuns.ts'
import { startRelay } from './relay/relayChild.ts'
import { openBareKernels } from './tabs/bareKernels.ts'
import { openBrowser, openContributor } from './tabs/contributor.ts'
import { bareSide, bareTaskMs, relaySide, sizeOfAtLeast } from './tabs/matmulSides.ts'
import { scriptBytesBeforeStart, secondsToFirstCredit, startRelayByNpm } from './tabs/startUp.ts'

const ROUNDS = 5
/** Least lengths of a task, ms. */
const LENGTHS_MS = [100, 300]
/** Length of one turn of one side, ms. */
const TURN_MS = 6_000
const VISITS = 5

const say = (line: string): void => void process.stderr.write(`${line}; load ${load()}\n`)

/**
 * Integer products through relay and tab against the same kernel in a bare worker of the same browser, and how long a
 * start takes.
 */
export default async function tabsBench({
  rounds = ROUNDS,
  scale = 1,
}: BenchOptions = {}): Promise<BenchReport> {
  const before = load()
  const browser = await openBrowser()
  const rows: Record<string, unknown>[] = []
  const ratios: Record<string, number> = {}
  try {
    const { results, sizes } = await products(browser, rounds, scale)
    for (const { name, figures, median } of results)
      rows.push({
        side: name,
        'tasks/s': rounded(median),
        all: figures.map((figure) => rounded(figure)).join(' '),
      })
    for (const size of sizes) {
      ratios[`int8 products of ${size}: relay and tab ÷ bare worker`] = rounded(
        ratioOf(results, `relay and tab, ${size}`, `bare worker, ${size}`),
      )
    }
    const visits = await secondsToFirstCredit(browser, scale < 1 ? 1 : VISITS)
    rows.push({
      side: 'Start to first verified credit, models stored',
      s: rounded(medianOf(visits)),
      all: visits.map((seconds) => rounded(seconds)).join(' '),
    })
    const relay = await startRelay()
    const scriptBytes = await scriptBytesBeforeStart(browser, relay.url)
    await relay.stop()
    rows.push({ side: 'script of the page before Start, gzip', kB: rounded(scriptBytes / 1000) })
  } finally {
    await browser.close()
  }
  const starts: Awaited<ReturnType<typeof startRelayByNpm>>[] = []
  for (let start = 0; start < rounds; start++) starts.push(await startRelayByNpm())
  const readyS = starts.map(({ readyMs }) => readyMs / 1000)
  rows.push({
    side: '`npm start` to ready',
    s: rounded(medianOf(readyS)),
    all: readyS.map((seconds) => rounded(seconds)).join(' '),
  })
  const residentMb = starts.map((start) => start.residentMb)
  rows.push({
    side: 'idle relay, resident memory',
    MB: rounded(medianOf(residentMb)),
    all: residentMb.map((mb) => rounded(mb)).join(' '),
  })
  return { name: 'tabs', load: { before, after: load() }, rows, ratios }
}

/** Both sides of every length in turns, on the same pages of the same browser. */
async function products(
  browser: Awaited<ReturnType<typeof openBrowser>>,
  rounds: number,
  scale: number,
): Promise<{ results: PairedResult[]; sizes: number[] }> {
  const relay = await startRelay()
  const bare = await openBareKernels(browser)
  try {
    const address = await openContributor(browser, relay.url, 0)
    const sides: Record<string, Side> = {}
    const sizes: number[] = []
    for (const lengthMs of LENGTHS_MS) {
      const size = await sizeOfAtLeast(bare, lengthMs)
      const taskMs = await bareTaskMs(bare, size)
      const tasks = Math.max(Math.round((TURN_MS * scale) / taskMs), 5)
      say(`Products of ${size} take ${rounded(taskMs)} ms in the bare worker; ${tasks} in a turn`)
      sizes.push(size)
      sides[`bare worker, ${size}`] = bareSide(bare, size, tasks)
      sides[`relay and tab, ${size}`] = relaySide(relay.url, address, size, tasks)
      if (lengthMs === LENGTHS_MS[0])
        sides[`bare worker, one at a time, ${size}`] = bareSide(bare, size, tasks, 1)
    }
    const results = await pairedRuns(sides, rounds, (name, figure, round) =>
      say(`round ${round + 1}: ${name}: ${rounded(figure)} tasks/s`),
    )
    return { results, sizes }
  } finally {
    await bare.close()
    await relay.stop()
  }
}
