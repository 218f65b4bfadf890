import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { goldenVectors } from '../exact/goldenVectors.ts'
import type { KernelCase, KernelSuite } from '../kernelSuite.ts'
import { seededWords } from '../seededTensors.ts'
import { mulshift } from './kernel.ts'
import { mulshiftReference } from './reference.ts'

type MulshiftShape = { rows: number; n: number; residual: number; fraction: number }

function tensorsOf(
  { rows, n, residual }: Omit<MulshiftShape, 'fraction'>,
  values: Readonly<Record<string, ArrayBufferView>>,
): Tensor[] {
  return [
    tensorOf('accumulators', 'INT32', [rows, n], values.accumulators!),
    tensorOf('rowScales', 'UINT32', [rows], values.rowScales!),
    tensorOf('rowExponents', 'INT32', [rows], values.rowExponents!),
    tensorOf('columnScales', 'UINT32', [n], values.columnScales!),
    tensorOf('columnExponents', 'INT32', [n], values.columnExponents!),
    tensorOf('residual', 'INT32', [residual * rows, n], values.residual ?? new Int32Array(0)),
  ]
}

/** Any accumulators; scales in [2^15, 2^16) and exponents that make every shift from below 1 to above 63. */
function mulshiftInputs(shape: MulshiftShape, seed: number): Tensor[] {
  const { rows, n, residual } = shape
  const words = (input: number, count: number) => seededWords(seed, input, count)
  const exponents = (input: number, count: number) =>
    Int32Array.from(words(input, count), (word) => -(word % 36))
  return tensorsOf(shape, {
    // Magnitudes of every size.
    accumulators: Int32Array.from(words(0, rows * n), (word) => (word | 0) >> (word % 31)),
    rowScales: words(1, rows).map((word) => 0x8000 + (word >>> 17)),
    rowExponents: exponents(2, rows),
    columnScales: words(3, n).map((word) => 0x8000 + (word >>> 17)),
    columnExponents: exponents(4, n),
    residual: words(5, residual * rows * n),
  })
}

const golden = goldenVectors.mulshift
const rowOfOne = { rows: 1, residual: 0, fraction: 0 }

/** A row of accumulators whose one scale is `products` and whose shifts are given. */
const oneRow = (
  accumulators: number[],
  products: number[],
  shifts: number[],
  residual?: number[],
): Tensor[] =>
  tensorsOf(
    { rows: 1, n: accumulators.length, residual: residual ? 1 : 0 },
    {
      accumulators: Int32Array.from(accumulators),
      rowScales: Uint32Array.of(1),
      rowExponents: Int32Array.of(0),
      columnScales: Uint32Array.from(products),
      columnExponents: Int32Array.from(shifts, (shift) => -shift),
      residual: Int32Array.from(residual ?? []),
    },
  )

export const mulshiftCases: readonly KernelCase[] = [
  { name: 'nothing', shape: { rows: 0, n: 5, residual: 0, fraction: 16 }, seed: 1 },
  { name: 'one element', shape: { rows: 1, n: 1, residual: 1, fraction: 14 }, seed: 2 },
  {
    name: 'the golden vectors of rule S1',
    shape: { ...rowOfOne, n: golden.length },
    seed: 0,
    inputs: () =>
      oneRow(...([0, 1, 2].map((at) => golden.map((row) => row[at]!)) as [number[], number[], number[]])),
  },
  ...goldenVectors.linear.map((vector, at) => ({
    name: `golden vector ${at} of rule S5`,
    shape: { rows: 1, n: vector.acc.length, residual: 0, fraction: vector.F },
    seed: 0,
    inputs: () =>
      tensorsOf(
        { rows: 1, n: vector.acc.length, residual: 0 },
        {
          accumulators: Int32Array.from(vector.acc),
          rowScales: Uint32Array.of(vector.M),
          rowExponents: Int32Array.of(vector.E),
          columnScales: Uint32Array.from(vector.mc),
          columnExponents: Int32Array.from(vector.ec),
        },
      ),
  })),
  {
    name: 'shifts below 1 and above 63, and none at all',
    shape: { ...rowOfOne, n: 8 },
    seed: 0,
    inputs: () =>
      oneRow(
        [5, -5, 0, 5, -5, 0, -0x80000000, -0x80000000],
        Array(8).fill(0xffffffff),
        [0, -3, 0, 64, 1000, 64, 63, 1],
      ),
  },
  {
    name: 'halves, which go away from zero',
    shape: { ...rowOfOne, n: 6 },
    seed: 0,
    inputs: () => oneRow([1, -1, 3, -3, 1, -1], [1, 1, 1, 1, 2 ** 31, 2 ** 31], [1, 1, 1, 1, 32, 32]),
  },
  {
    name: 'a residual that wraps, and one whose sum would be -2^31',
    shape: { ...rowOfOne, n: 3, residual: 1 },
    seed: 0,
    inputs: () => oneRow([1, -1, -2], [2, 2, 2], [1, 1, 1], [0x7fffffff, -0x7fffffff, -0x7fffffff]),
  },
  { name: 'a prime shape', shape: { rows: 7, n: 131, residual: 1, fraction: 14 }, seed: 3 },
  { name: 'rows of a model', shape: { rows: 3, n: 960, residual: 0, fraction: 10 }, seed: 0xffffffff },
]

export const mulshiftSuite: KernelSuite = {
  kernel: mulshift,
  cases: mulshiftCases,
  anyShape: {
    rows: { from: 0, to: 9 },
    n: { from: 0, to: 150 },
    residual: [0, 1],
    fraction: { from: -20, to: 30 },
  },
  inputs: mulshiftInputs,
  reference(inputs, shape: MulshiftShape) {
    const [accumulators, rowScales, rowExponents, columnScales, columnExponents, residual] = inputs.map(
      (tensor) => elementsOf(tensor),
    )
    const y = mulshiftReference(
      {
        accumulators: accumulators as Int32Array,
        rowScales: rowScales as Uint32Array,
        rowExponents: rowExponents as Int32Array,
        columnScales: columnScales as Uint32Array,
        columnExponents: columnExponents as Int32Array,
        residual: residual as Int32Array,
      },
      shape,
    )
    return [tensorOf('y', 'INT32', [shape.rows, shape.n], y)]
  },
}
