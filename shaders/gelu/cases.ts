import { elementsOf, tensorOf } from '../../protocol/tensor.ts'
import { timesSigmoidBound } from '../float/sigmoidBound.ts'
import {
  compounded,
  DIVISION_ERROR,
  expError,
  SMALLEST_NORMAL,
  UNIT_ROUNDOFF,
} from '../float/wgslAccuracy.ts'
import { anyInputs, floatMismatch, type KernelCase, type KernelSuite } from '../kernelSuite.ts'
import { gelu } from './kernel.ts'
import { geluReference, tanhExponent } from './reference.ts'

type GeluShape = { rows: number; n: number; tanh: number }

const ends = [
  0,
  -0,
  2 ** -126,
  -(2 ** -120),
  0.5,
  -0.5,
  3,
  -3,
  5.5,
  -5.5,
  9.9,
  -9.9,
  12,
  -12,
  30,
  -30,
  1e30,
  -1e30,
]
const shapeCases: readonly KernelCase[] = [0, 1].flatMap((tanh) => [
  { name: `no row, form ${tanh}`, shape: { rows: 0, n: 5, tanh }, seed: 1 },
  { name: `empty rows, form ${tanh}`, shape: { rows: 3, n: 0, tanh }, seed: 1 },
  { name: `one element, form ${tanh}`, shape: { rows: 1, n: 1, tanh }, seed: 2 },
  {
    name: `numbers about the ends, form ${tanh}`,
    shape: { rows: 1, n: ends.length, tanh },
    seed: 0,
    inputs: () => [tensorOf('x', 'FP32', [1, ends.length], Float32Array.from(ends))],
  },
  { name: `a prime shape, form ${tanh}`, shape: { rows: 7, n: 131, tanh }, seed: 3 },
  { name: `rows of a model, form ${tanh}`, shape: { rows: 3, n: 1536, tanh }, seed: 0xffffffff },
])

const powers = [0.254829592, 0.284496736, 1.421413741, 1.453152027, 1.061405429]

/**
 * The form with the error function: 1.5e-7 of the formula itself (Abramowitz and Stegun 7.1.26), and its roundings. z
 * has a rounded factor and a product: 2u. t = 1 / (1 + p z): another factor and product, a sum, a division: 5u + 2.5
 * ULP. The i-th power of the sum has i of those errors and at most 11 roundings. z * z is off by 5u of itself, which is
 * absolute in the exponent; then exp, the product with the sum, two products with x, and the difference.
 */
function erfBound(x: number, y: number): number {
  const z = Math.min(Math.abs(x), 10) / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * z)
  const square = z * z
  const ofT = 5 * UNIT_ROUNDOFF + DIVISION_ERROR
  const sum = powers.reduce(
    (total, factor, i) => total + factor * t ** (i + 1) * compounded(12 * UNIT_ROUNDOFF + (i + 1) * ofT),
    0,
  )
  const size = powers.reduce((total, factor, i) => total + factor * t ** (i + 1), 0)
  const relative = compounded(expError(square), 5 * UNIT_ROUNDOFF * square, UNIT_ROUNDOFF)
  const tail = Math.exp(-square) * (sum + relative * (size + sum)) + 1.5e-7
  const scaled = 0.5 * Math.abs(x) * tail
  return scaled + compounded(3 * UNIT_ROUNDOFF) * (Math.abs(y) + scaled) + 2 * SMALLEST_NORMAL
}

/**
 * The form with the hyperbolic tangent: the exponent's two terms have one sign, and at most seven roundings (two of
 * factors, four products, a sum) reach it, of which each is absolute in the exponent.
 */
function tanhBound(x: number): number {
  const exponent = tanhExponent(Math.max(-20, Math.min(x, 20)))
  return timesSigmoidBound(x, exponent, compounded(7 * UNIT_ROUNDOFF) * Math.min(Math.abs(exponent), 100))
}

export const geluSuite: KernelSuite = {
  kernel: gelu,
  cases: shapeCases,
  anyShape: { rows: { from: 0, to: 20 }, n: { from: 0, to: 300 }, tanh: [0, 1] },
  inputs(shape, seed) {
    // Numbers of [-8, 8).
    const [x] = anyInputs(gelu)(shape, seed)
    return [
      tensorOf(
        'x',
        'FP32',
        x!.shape,
        (elementsOf(x!) as Float32Array).map((value) => value * 8),
      ),
    ]
  },
  reference([x], { rows, n, tanh }: GeluShape) {
    const y = (elementsOf(x!) as Float32Array).map((value) => geluReference(value, tanh))
    return [tensorOf('y', 'FP32', [rows, n], y)]
  },
  mismatch([y], [x], { rows, n, tanh }: GeluShape) {
    const numbers = elementsOf(x!) as Float32Array
    const values = Float64Array.from(numbers, (value) => geluReference(value, tanh))
    const expected = { name: 'y', datatype: 'FP32', shape: [rows, n], values } as const
    return floatMismatch(y, expected, (at) =>
      tanh === 1 ? tanhBound(numbers[at]!) : erfBound(numbers[at]!, values[at]!),
    )
  },
}
