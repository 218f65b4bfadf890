import { elementsOf, tensorOf } from '../../protocol/tensor.ts'
import { anyInputs, floatMismatch, type KernelCase, type KernelSuite } from '../kernelSuite.ts'
import { sumBound } from '../rows/sumBound.ts'
import { areWhole, unlessExact, wholeCase } from '../wholeNumbers.ts'
import { reduceKernels, reductions } from './kernel.ts'
import { type RowsShape, reduceReferences } from './reference.ts'

const shapes: readonly KernelCase[] = [
  { name: 'no row', shape: { rows: 0, n: 5 }, seed: 1 },
  { name: 'empty rows', shape: { rows: 3, n: 0 }, seed: 1 },
  { name: 'one element', shape: { rows: 1, n: 1 }, seed: 2 },
  { name: 'rows of one', shape: { rows: 70, n: 1 }, seed: 3 },
  { name: 'a prime row', shape: { rows: 1, n: 131 }, seed: 4 },
  { name: 'one short of a part', shape: { rows: 2, n: 4095 }, seed: 5 },
  { name: 'a whole part', shape: { rows: 1, n: 4096 }, seed: 6 },
  { name: 'one past a part', shape: { rows: 2, n: 4097 }, seed: 7 },
  { name: 'many parts', shape: { rows: 1, n: 70_001 }, seed: 0xffffffff },
]

const given = (x: Int32Array | Float32Array) => [
  tensorOf('x', x instanceof Int32Array ? 'INT32' : 'FP32', [1, x.length], x),
]

const oneRow = (name: string, x: Int32Array | Float32Array): KernelCase => ({
  name,
  shape: { rows: 1, n: x.length },
  seed: 0,
  inputs: () => given(x),
})

const wholeNumbers = [
  oneRow('sums that wrap', Int32Array.of(0x7fffffff, 1, 0x7fffffff, 7)),
  oneRow('the ends of the integers', Int32Array.of(5, -0x80000000, 0x7fffffff, -5)),
]
const comparedFloats = [
  oneRow('zeros with a sign', Float32Array.of(0, -0, 0)),
  oneRow('only a zero with a sign', Float32Array.of(-0)),
  oneRow('infinities', Float32Array.of(1, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)),
  oneRow('NaN among numbers', Float32Array.of(1, Number.NaN, Number.POSITIVE_INFINITY)),
  // A NaN with its sign bit set, which is what an x86 device makes of 0/0.
  oneRow('NaN with a sign', new Float32Array(Uint32Array.of(0xffc00001, 0x3f800000).buffer)),
  oneRow('subnormal numbers', Float32Array.of(2 ** -149, -(2 ** -149), 2 ** -127)),
  oneRow('negative numbers', Float32Array.of(-3, -1, -2)),
]
const summedFloats = [
  oneRow('what cancels', Float32Array.of(2 ** 24, 1, -(2 ** 24))),
  oneRow('subnormal numbers', Float32Array.of(2 ** -149, 2 ** -140)),
]

export const reduceSuites: readonly KernelSuite[] = reductions.map((reduction, at) => {
  const kernel = reduceKernels[at]!
  const { name, datatype } = reduction
  const values = (x: Int32Array | Float32Array, shape: RowsShape) =>
    reduceReferences[name](x as Int32Array & Float32Array, shape)
  const Numbers = datatype === 'INT32' ? Int32Array : Float32Array
  return {
    kernel,
    cases: [
      ...shapes,
      ...(datatype === 'INT32' ? wholeNumbers : name === 'reduce-sum-f32' ? summedFloats : comparedFloats),
      ...(name === 'reduce-sum-f32'
        ? [wholeCase(kernel, 'whole numbers in many parts', { rows: 2, n: 70_001 })]
        : []),
    ],
    anyShape: { rows: { from: 0, to: 40 }, n: { from: 0, to: 700 } },
    inputs: anyInputs(kernel),
    reference([x], shape: RowsShape) {
      const y = Numbers.from(values(elementsOf(x!) as Int32Array | Float32Array, shape))
      return [tensorOf('y', datatype, [shape.rows], y)]
    },
    ...(name === 'reduce-sum-f32' && {
      mismatch([y], [x], shape: RowsShape) {
        const numbers = elementsOf(x!) as Float32Array
        const magnitudes = values(numbers.map(Math.abs), shape)
        const expected = {
          name: 'y',
          datatype: 'FP32',
          shape: [shape.rows],
          values: values(numbers, shape),
        } as const
        const isWhole = areWhole(numbers)
        return floatMismatch(y, expected, (row) =>
          unlessExact(isWhole, magnitudes[row]!, sumBound(shape.n, magnitudes[row]!)),
        )
      },
    }),
  }
})
