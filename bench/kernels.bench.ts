import { type BenchOptions, type BenchReport, rounded } from './benchReport.ts'
import { installPeers } from './installPeers.ts'
import { compareChoices } from './kernels/compareChoices.ts'
import { compareFirstResults } from './kernels/compareFirstResults.ts'
import { compareKernel, type KernelRow, SEED } from './kernels/compareKernels.ts'
import { comparisons, searched } from './kernels/comparisons.ts'
import { adapterFlags, type KernelAdapter } from './kernels/kernelAdapter.ts'
import { type OpenedKernelPage, openKernelPage } from './kernels/openKernelPage.ts'
import { type TurnLength, timedSides } from './kernels/timedSides.ts'
import { load, ratioOf } from './pairedRuns.ts'
import { openBrowser } from './tabs/contributor.ts'

const ROUNDS = 5
/** Shortest turn of a side, ms. */
const TURN_MS = 300

/** Kernels of the library beside ONNX Runtime Web and TensorFlow.js, in one page, on one adapter. */
export default async function kernelsBench({
  rounds = ROUNDS,
  scale = 1,
  adapter = 'any',
}: BenchOptions & { adapter?: KernelAdapter } = {}): Promise<BenchReport> {
  installPeers(['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-webgpu'])
  const before = load()
  const browser = await openBrowser(adapterFlags[adapter])
  const rows: KernelRow[] = []
  const note = (row: KernelRow): void => {
    rows.push(row)
    process.stderr.write(`${row.ratio}: ${row.value} ${verdictOf(row)}\n`)
  }
  const turns = { rounds, turnMs: TURN_MS * scale }
  try {
    note(await compareFirstResults(browser, rounds))
    const page = await openKernelPage(browser)
    const kind = await kindOf(page, adapter)
    for (const comparison of comparisons) {
      if (scale < 1 && comparison.isLong) continue
      for (const row of await compareKernel(page, comparison, turns, kind)) note(row)
    }
    await page.close()
    // Without peers in the page: beside them the shortest kernels take 0.2 ms more a run.
    const own = await openKernelPage(browser)
    note(await compareMatvecs(own, turns, kind))
    for (const row of await compareChoices(own, searched, turns)) note(row)
    await own.close()
  } finally {
    await browser.close()
  }
  return {
    name: 'kernels',
    load: { before: rounded(before), after: load() },
    rows: rows.map((row) => ({ ...row, bar: row.bar ?? '', verdict: verdictOf(row) })),
    ratios: Object.fromEntries(rows.map(({ ratio, value }) => [ratio, value])),
  }
}

/** @throws Error when the adapter is not of the kind that was asked for */
async function kindOf(page: OpenedKernelPage, wanted: KernelAdapter): Promise<'software' | 'hardware'> {
  const { vendor, architecture, description, isFallbackAdapter } = await page.adapter()
  const kind = isFallbackAdapter ? 'software' : 'hardware'
  const name = [vendor, architecture, description].filter(Boolean).join(' ')
  process.stderr.write(`Adapter: ${name} (${kind}); load ${load()}\n`)
  if (wanted !== 'any' && wanted !== kind) throw new Error(`The browser gave a ${kind} adapter, ${name}.`)
  return kind
}

/** int8 weights against f32 ones, both of the library. */
async function compareMatvecs(
  page: OpenedKernelPage,
  turns: TurnLength,
  adapter: 'software' | 'hardware',
): Promise<KernelRow> {
  const size = { n: 2048, k: 2048 }
  const before = load()
  const own = { seed: SEED, by: 'opentab', choice: 'chosen' } as const
  const results = await timedSides(
    page,
    new Map([
      ['int8', { ...own, kernel: 'matvec-i8', shape: { ...size, planes: 1 } }],
      ['f32', { ...own, kernel: 'matvec-f32', shape: size }],
    ]),
    turns,
  )
  return {
    ratio: 'matvec-i8, one plane ÷ matvec-f32, 2048 × 2048',
    value: rounded(ratioOf(results, 'int8', 'f32')),
    bar: adapter === 'software' ? 4 : null,
    ms: results.map((result) => rounded(1000 / result.median)).join(', '),
    load: before,
  }
}

function verdictOf({ ratio, value, bar }: KernelRow): string {
  if (bar === null) return ''
  const met = ratio.endsWith('(at most)') ? value <= bar : value >= bar
  return met ? `meets ${bar}` : `MISSES ${bar}`
}
