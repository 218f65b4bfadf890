import { elementsOf, tensorOf } from '../../protocol/tensor.ts'
import { anyInputs, floatMismatch, type KernelCase, type KernelSuite } from '../kernelSuite.ts'
import { sumBound } from '../rows/sumBound.ts'
import { areWhole, unlessExact, wholeCase } from '../wholeNumbers.ts'
import { scanF32, scanI32 } from './kernel.ts'
import { type ScanShape, scanReference } from './reference.ts'

const scanCases: readonly KernelCase[] = [
  { name: 'no row', shape: { rows: 0, n: 5, exclusive: 0 }, seed: 1 },
  { name: 'empty rows', shape: { rows: 3, n: 0, exclusive: 1 }, seed: 1 },
  { name: 'one element', shape: { rows: 1, n: 1, exclusive: 0 }, seed: 2 },
  { name: 'one element, exclusive', shape: { rows: 1, n: 1, exclusive: 1 }, seed: 2 },
  { name: 'rows of one', shape: { rows: 70, n: 1, exclusive: 1 }, seed: 3 },
  { name: 'a prime row', shape: { rows: 2, n: 131, exclusive: 0 }, seed: 4 },
  { name: 'one short of a part', shape: { rows: 2, n: 2047, exclusive: 1 }, seed: 5 },
  { name: 'a whole part', shape: { rows: 1, n: 2048, exclusive: 0 }, seed: 6 },
  { name: 'one past a part', shape: { rows: 2, n: 2049, exclusive: 0 }, seed: 7 },
  {
    // Parts of 2048 elements, 64 invocations: their sums are added up in three goes.
    name: 'more parts than two workgroups have invocations',
    shape: { rows: 1, n: 270_001, exclusive: 1 },
    seed: 0xffffffff,
  },
]

const anyShape = { rows: { from: 0, to: 20 }, n: { from: 0, to: 900 }, exclusive: [0, 1] }

export const scanI32Suite: KernelSuite = {
  kernel: scanI32,
  cases: [
    ...scanCases,
    {
      name: 'sums that wrap',
      shape: { rows: 1, n: 3, exclusive: 0 },
      seed: 0,
      inputs: () => [tensorOf('x', 'INT32', [1, 3], Int32Array.of(0x7fffffff, 1, -0x80000000))],
    },
  ],
  anyShape,
  inputs: anyInputs(scanI32),
  reference([x], shape: ScanShape) {
    // f64 holds the sums of 2^21 i32 exactly; `| 0` takes them modulo 2^32.
    const y = Int32Array.from(scanReference(elementsOf(x!) as Int32Array, shape), (sum) => sum | 0)
    return [tensorOf('y', 'INT32', [shape.rows, shape.n], y)]
  },
}

export const scanF32Suite: KernelSuite = {
  kernel: scanF32,
  cases: [
    ...scanCases,
    wholeCase(scanF32, 'whole numbers in many parts', { rows: 1, n: 70_001, exclusive: 0 }),
  ],
  anyShape,
  inputs: anyInputs(scanF32),
  reference([x], shape: ScanShape) {
    const y = Float32Array.from(scanReference(elementsOf(x!) as Float32Array, shape))
    return [tensorOf('y', 'FP32', [shape.rows, shape.n], y)]
  },
  mismatch([y], [x], shape: ScanShape) {
    const numbers = elementsOf(x!) as Float32Array
    const values = scanReference(numbers, shape)
    const magnitudes = scanReference(numbers.map(Math.abs), shape)
    const expected = { name: 'y', datatype: 'FP32', shape: [shape.rows, shape.n], values } as const
    // An element's sum has its own place in the row as many numbers.
    const isWhole = areWhole(numbers)
    return floatMismatch(y, expected, (at) =>
      unlessExact(isWhole, magnitudes[at]!, sumBound((at % shape.n) + 1, magnitudes[at]!)),
    )
  },
}
