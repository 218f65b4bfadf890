import { elementsOf, type Tensor } from '../protocol/tensor.ts'
import type { KernelDescriptor } from './kernel.ts'
import { seededTensors } from './seededTensors.ts'
import type { Shape } from './size.ts'

/** One shape and its inputs, which tests and benchmarks share. */
export interface KernelCase {
  /** What is special about it, for a test's title. */
  name: string
  shape: Shape
  /** u32, from which the suite makes the inputs. */
  seed: number
  /** The inputs themselves, where a seed would not do: NaN, largest values, golden vectors. */
  inputs?: () => Tensor[]
}

/** What is right for a kernel: every variant must give it, on every device. */
export interface KernelSuite {
  kernel: KernelDescriptor
  /** Edges first, then tile borders, then sizes worth timing. */
  cases: readonly KernelCase[]
  /** Where random shapes come from: for each argument the values to draw from, or both ends of a range of integers. */
  anyShape: Readonly<Record<string, { from: number; to: number } | readonly number[]>>
  /** Inputs that a seed stands for, within what the kernel promises to take. */
  inputs(shape: Shape, seed: number): Tensor[]
  /** The same computation in plain TypeScript; a float kernel's sums in f64. Outputs in the descriptor's order. */
  reference(inputs: readonly Tensor[], shape: Shape): Tensor[]
  /** What is wrong with outputs, in words, or null; absent: they must equal the reference's byte for byte. */
  mismatch?(outputs: readonly Tensor[], inputs: readonly Tensor[], shape: Shape): string | null
}

/** The inputs of a suite whose kernel takes any values. */
export const anyInputs = (kernel: KernelDescriptor) => (shape: Shape, seed: number) =>
  seededTensors(kernel, shape, seed)

/** What is wrong with the outputs of one run, in words; null when they are right. */
export function mismatchOf(
  suite: KernelSuite,
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  shape: Shape,
): string | null {
  if (suite.mismatch) return suite.mismatch(outputs, inputs, shape)
  const expected = suite.reference(inputs, shape)
  return firstOf(expected.map((tensor, at) => tensorMismatch(outputs[at], tensor)))
}

/** How a tensor differs from the one that it must equal, bit for bit. */
export function tensorMismatch(got: Tensor | undefined, expected: Tensor): string | null {
  const form = formMismatch(got, expected)
  if (form !== null) return form
  const values = elementsOf(got!)
  const right = elementsOf(expected)
  const size = expected.bytes.byteLength / right.length
  const wrong = expected.bytes.findIndex((byte, at) => got!.bytes[at] !== byte)
  if (wrong < 0) return null
  const at = Math.floor(wrong / size)
  return `${expected.name}[${at}] is ${values[at]} and must be ${right[at]}`
}

/**
 * How a float tensor differs from the true values by more than it may.
 * @param expected name, datatype and shape that the output must have, with values: f64 of every element
 * @param bound how far element `at` may be from its true value
 */
export function floatMismatch(
  got: Tensor | undefined,
  expected: Omit<Tensor, 'bytes'> & { values: ArrayLike<number> },
  bound: (at: number) => number,
): string | null {
  const form = formMismatch(got, expected)
  if (form !== null) return form
  const values = elementsOf(got!) as Float32Array
  const wrong = values.findIndex((value, at) => !(Math.abs(value - expected.values[at]!) <= bound(at)))
  if (wrong < 0) return null
  const facts = `${values[wrong]} and must be ${expected.values[wrong]} within ${bound(wrong)}`
  return `${expected.name}[${wrong}] is ${facts}`
}

function formMismatch(got: Tensor | undefined, { name, datatype, shape }: Omit<Tensor, 'bytes'>) {
  const wanted = `${name} ${datatype}[${shape}]`
  const given = got ? `${got.name} ${got.datatype}[${got.shape}]` : 'nothing'
  return given === wanted ? null : `the output is ${given} and must be ${wanted}`
}

/** The first sentence of several checks; null when all of them are content. */
export const firstOf = (checks: readonly (string | null)[]): string | null =>
  checks.find((sentence) => sentence !== null) ?? null
