import { type BenchOptions, type BenchReport, rounded } from './benchReport.ts'
import { installPeers } from './installPeers.ts'
import { relayModelSide, startBareRuntime } from './models/modelSides.ts'
import { type RequestName, requestNames } from './models/requests.ts'
import { load, pairedRuns, ratioOf, type Side } from './pairedRuns.ts'
import { startRelay } from './relay/relayChild.ts'
import { openBrowser, openContributor } from './tabs/contributor.ts'

const ROUNDS = 5
/** Requests in one turn. */
const TIMES: Readonly<Record<RequestName, number>> = { ocr: 4, embeddings: 20 }
const TABS = 2
/** The tabs take one thread each on two cores, as half of the cores is theirs; the bare side gets as many in all. */
const THREADS = 2
/** Requests at once where a queue of them is kept up. */
const AT_ONCE = 4

/** OCR and embeddings through relay and two tabs against the same graphs on bare runtimes in Node. */
export default async function modelsBench({
  rounds = ROUNDS,
  scale = 1,
}: BenchOptions = {}): Promise<BenchReport> {
  installPeers(['onnxruntime-node'])
  const before = load()
  const [unchecked, checked] = [await startRelay({ checks: false }), await startRelay()]
  const browser = await openBrowser()
  const web = await startBareRuntime('onnxruntime-web', THREADS)
  const native = await startBareRuntime('onnxruntime-node', THREADS)
  const results: Awaited<ReturnType<typeof pairedRuns>> = []
  try {
    for (const relay of [unchecked, checked])
      for (let tab = 0; tab < TABS; tab++) await openContributor(browser, relay.url, tab)
    for (const name of requestNames) {
      const times = Math.max(Math.round(TIMES[name] * scale), 1)
      const sides: Record<string, Side> = {
        [`${name}: tabs, one request at a time`]: relayModelSide(unchecked.url, name, { times, atOnce: 1 }),
        [`${name}: bare web, tensors`]: web.side(name, { whole: false, times }),
        [`${name}: tabs, queue`]: relayModelSide(unchecked.url, name, { times, atOnce: AT_ONCE }),
        [`${name}: bare web, whole request`]: web.side(name, { whole: true, times }),
        [`${name}: tabs, queue, checks on`]: relayModelSide(checked.url, name, { times, atOnce: AT_ONCE }),
        [`${name}: bare native, tensors`]: native.side(name, { whole: false, times }),
      }
      const turns = await pairedRuns(sides, rounds, (side, figure, round) => {
        process.stderr.write(`round ${round + 1}: ${side}: ${rounded(figure)} requests/s; load ${load()}\n`)
      })
      results.push(...turns)
    }
  } finally {
    await Promise.all([browser.close(), web.stop(), native.stop()])
    await Promise.all([unchecked.stop(), checked.stop()])
  }
  const ratios: Record<string, number> = {}
  const compare = (name: RequestName, a: string, b: string): void => {
    ratios[`${name}: ${a} ÷ ${b}`] = rounded(ratioOf(results, `${name}: ${a}`, `${name}: ${b}`))
  }
  for (const name of requestNames) {
    compare(name, 'tabs, one request at a time', 'bare web, tensors')
    compare(name, 'tabs, queue', 'bare web, tensors')
    compare(name, 'tabs, one request at a time', 'bare web, whole request')
    compare(name, 'tabs, queue', 'bare web, whole request')
    compare(name, 'tabs, queue, checks on', 'bare web, tensors')
    compare(name, 'tabs, queue', 'bare native, tensors')
  }
  return {
    name: 'models',
    load: { before, after: load() },
    rows: results.map(({ name, median, figures }) => ({
      side: name,
      'requests/s': rounded(median),
      all: figures.map((figure) => rounded(figure)).join(' '),
    })),
    ratios,
  }
}
