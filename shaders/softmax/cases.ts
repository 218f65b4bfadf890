import { elementsOf, tensorOf } from '../../protocol/tensor.ts'
import {
  compounded,
  DIVISION_ERROR,
  expOfDifferenceError,
  SMALLEST_NORMAL,
  UNIT_ROUNDOFF,
} from '../float/wgslAccuracy.ts'
import { anyInputs, firstOf, floatMismatch, type KernelCase, type KernelSuite } from '../kernelSuite.ts'
import { softmax } from './kernel.ts'
import { onlineSumError } from './onlineSumBound.ts'
import { softmaxReference } from './reference.ts'

type SoftmaxShape = { rows: number; n: number }

const masked = Number.NEGATIVE_INFINITY
const oneRow = (name: string, x: readonly number[]): KernelCase => ({
  name,
  shape: { rows: 1, n: x.length },
  seed: 0,
  inputs: () => [tensorOf('x', 'FP32', [1, x.length], Float32Array.from(x))],
})

const softmaxCases: readonly KernelCase[] = [
  { name: 'no row', shape: { rows: 0, n: 5 }, seed: 1 },
  { name: 'empty rows', shape: { rows: 3, n: 0 }, seed: 1 },
  { name: 'one element', shape: { rows: 1, n: 1 }, seed: 2 },
  { name: 'rows of one', shape: { rows: 70, n: 1 }, seed: 3 },
  oneRow('equal elements', Array(100).fill(-7)),
  oneRow('some masked', [masked, 3, 1, masked, 2, ...Array(300).fill(masked)]),
  oneRow('all masked', Array(70).fill(masked)),
  oneRow('the ends of the numbers', [3e38, -3e38, 3e38, 0]),
  oneRow('numbers of no weight', [100, 0, -3, 13, 12.5]),
  oneRow(
    'a sum whose largest comes last',
    Array.from({ length: 300 }, (_, at) => at / 4),
  ),
  { name: 'a prime row', shape: { rows: 3, n: 131 }, seed: 4 },
  { name: 'one past a workgroup', shape: { rows: 2, n: 257 }, seed: 6 },
  { name: 'a long row', shape: { rows: 1, n: 9001 }, seed: 0xffffffff },
]

/** Values that meet one after another in a workgroup: 64 subgroups of four, and its own invocation. */
const MEETINGS = 65

/**
 * An element is a power over a sum: the power's own error, the sum's (onlineSumBound.ts: n additions at most, the
 * powers rescaled once a meeting), a division and a product. The sum is 1 or more, so that what is flushed in it (n
 * powers) or at the end stays below n + 2 times the smallest normal number.
 */
function rowMismatch(got: Float32Array, row: Float32Array): string | null {
  const n = row.length
  const values = softmaxReference(row)
  const most = row.reduce((largest, value) => Math.max(largest, value), masked)
  const below = Float64Array.from(row, (value) => most - value)
  const rescalings = Math.min(MEETINGS, n)
  const sum = onlineSumError(below, values, { steps: n + rescalings, rescalings })
  const expected = { name: 'y', datatype: 'FP32', shape: [n], values } as const
  return floatMismatch(tensorOf('y', 'FP32', [n], got), expected, (at) => {
    const flushed = (n + 2) * SMALLEST_NORMAL
    if (values[at] === 0) return flushed
    return (
      compounded(sum, expOfDifferenceError(below[at]!), DIVISION_ERROR, UNIT_ROUNDOFF) * values[at]! + flushed
    )
  })
}

const rowsOf = (x: Float32Array, { rows, n }: SoftmaxShape) =>
  Array.from({ length: rows }, (_, row) => x.slice(row * n, (row + 1) * n))

export const softmaxSuite: KernelSuite = {
  kernel: softmax,
  cases: softmaxCases,
  anyShape: { rows: { from: 0, to: 40 }, n: { from: 0, to: 700 } },
  inputs(shape, seed) {
    // Numbers of [-20, 20).
    const [x] = anyInputs(softmax)(shape, seed)
    return [
      tensorOf(
        'x',
        'FP32',
        x!.shape,
        (elementsOf(x!) as Float32Array).map((value) => value * 20),
      ),
    ]
  },
  reference([x], shape: SoftmaxShape) {
    const rows = rowsOf(elementsOf(x!) as Float32Array, shape).map(softmaxReference)
    const y = Float32Array.from(rows.flatMap((row) => [...row]))
    return [tensorOf('y', 'FP32', [shape.rows, shape.n], y)]
  },
  mismatch([y], [x], shape: SoftmaxShape) {
    const form = { name: 'y', datatype: 'FP32', shape: [shape.rows, shape.n] } as const
    const whole = floatMismatch(y, { ...form, values: new Float64Array(shape.rows * shape.n) }, () => 1.001)
    if (whole) return whole
    const got = rowsOf(elementsOf(y!) as Float32Array, shape)
    const given = rowsOf(elementsOf(x!) as Float32Array, shape)
    return firstOf(got.map((row, at) => rowMismatch(row, given[at]!)))
  },
}
