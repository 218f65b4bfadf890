import type { Shape } from '../../shaders/size.ts'
import { rounded } from '../benchReport.ts'
import { load, type PairedResult, ratioOf } from '../pairedRuns.ts'
import { type Comparison, type Quotient, type SideName, workgroupFamily } from './comparisons.ts'
import type { KernelSide } from './kernelPageApi.ts'
import type { OpenedKernelPage } from './openKernelPage.ts'
import { bestChoice, type TurnLength, timedSides } from './timedSides.ts'

/** A row of the benchmark's table. */
export interface KernelRow {
  ratio: string
  /** Median over the rounds. */
  value: number
  /** Least value; none where it is only printed. */
  bar: number | null
  /** Median ms of one run, above and below the line. */
  ms: string
  load: number
}

export const SEED = 1

/** One comparison: all its sides in turns, then its quotients. */
export async function compareKernel(
  page: OpenedKernelPage,
  { kernel, shape, quotients }: Comparison,
  turns: TurnLength,
  adapter: 'software' | 'hardware',
): Promise<KernelRow[]> {
  const names = new Set<SideName>(quotients.flatMap(({ of, by }) => [of, ...by]))
  const sides = new Map<string, KernelSide>()
  for (const name of names)
    sides.set(name, await sideOf(page, { kernel, shape, seed: SEED }, name, turns.turnMs))
  const before = load()
  const results = await timedSides(page, sides, turns)
  return quotients.flatMap((quotient) => {
    const by = fastest(results, quotient.by)
    if (by === undefined) return []
    return {
      ratio: `${kernel} ${inWords(shape)}: ${quotient.of} ÷ ${by}`,
      value: rounded(ratioOf(results, quotient.of, by)),
      bar: quotient[adapter],
      ms: [quotient.of, by].map((name) => rounded(1000 / medianOf(results, name))).join(', '),
      load: before,
    }
  })
}

async function sideOf(
  page: OpenedKernelPage,
  base: Pick<KernelSide, 'kernel' | 'shape' | 'seed'>,
  name: SideName,
  turnMs: number,
): Promise<KernelSide> {
  if (name === 'opentab') return { ...base, by: 'opentab', choice: 'chosen' }
  if (name === 'TensorFlow.js WebGPU') return { ...base, by: 'tensorflow' }
  if (name === 'opentab, workgroup memory') {
    const choices = await page.choices(base.kernel, workgroupFamily)
    return { ...base, by: 'opentab', choice: await bestChoice(page, base, choices, turnMs) }
  }
  const [runtime, form] = name.split(', ')
  return { ...base, by: runtime!.endsWith('WASM') ? 'onnx-wasm' : 'onnx-webgpu', form: form! }
}

/** `m 16, k 1024, n 1024` */
export const inWords = (shape: Shape): string =>
  Object.entries(shape)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')

const medianOf = (results: readonly PairedResult[], name: string): number =>
  results.find((result) => result.name === name)!.median

/** Undefined where none of them could be timed. */
const fastest = (results: readonly PairedResult[], names: Quotient['by']): SideName | undefined =>
  names
    .filter((name) => results.some((result) => result.name === name))
    .toSorted((a, b) => medianOf(results, b) - medianOf(results, a))[0]
