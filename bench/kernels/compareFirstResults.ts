import type { Browser } from 'playwright-core'
import { medianOf } from '../../protocol/medianOf.ts'
import { rounded } from '../benchReport.ts'
import { load } from '../pairedRuns.ts'
import { type KernelRow, SEED } from './compareKernels.ts'
import type { KernelSide } from './kernelPageApi.ts'
import { openKernelPage } from './openKernelPage.ts'

/** Most that Opentab may take of ONNX Runtime's time, on a software adapter. */
const BAR = 0.08
/** Small, so that starting is what takes the time, on both sides. */
const base = { kernel: 'matmul-f32', shape: { m: 64, k: 64, n: 64 }, seed: SEED }
const sides: readonly KernelSide[] = [
  { ...base, by: 'opentab', choice: 'chosen' },
  { ...base, by: 'onnx-webgpu', form: 'MatMul' },
]

/**
 * From loaded modules to a first result in JavaScript: device, compiling, upload, run and read on one side, and device,
 * session and first run on the other. Each time in a page of its own; a smaller quotient is better.
 */
export async function compareFirstResults(browser: Browser, rounds: number): Promise<KernelRow> {
  const before = load()
  const ms: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    for (const at of round % 2 === 0 ? [0, 1] : [1, 0]) {
      const page = await openKernelPage(browser)
      ms[at as 0 | 1].push(await page.firstResult(sides[at]!))
      await page.close()
    }
  }
  const [own, other] = ms
  return {
    ratio: 'first result of matmul-f32 64: opentab ÷ ONNX Runtime WebGPU (at most)',
    value: rounded(medianOf(own.map((figure, round) => figure / other[round]!))),
    bar: BAR,
    ms: [own, other].map((figures) => rounded(medianOf(figures))).join(', '),
    load: before,
  }
}
