import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { floatMismatch, type KernelCase, type KernelSuite } from '../kernelSuite.ts'
import { seededWords } from '../seededTensors.ts'
import { q4Bound } from '../weights-q4/q4Bound.ts'
import { q4Matrix } from '../weights-q4/q4Matrix.ts'
import { seededQ4 } from '../weights-q4/q4Tensors.ts'
import { gatherQ4Kernels } from './kernel.ts'

type GatherShape = { rows: number; n: number; k: number }

const gatherCases: readonly KernelCase[] = [
  { name: 'no row', shape: { rows: 0, n: 3, k: 32 }, seed: 1 },
  { name: 'empty rows', shape: { rows: 3, n: 2, k: 0 }, seed: 1 },
  { name: 'one element', shape: { rows: 1, n: 1, k: 1 }, seed: 2 },
  { name: 'one short of a block', shape: { rows: 4, n: 3, k: 31 }, seed: 3 },
  { name: 'one block', shape: { rows: 5, n: 7, k: 32 }, seed: 4 },
  { name: 'one past a block', shape: { rows: 2, n: 5, k: 33 }, seed: 5 },
  { name: 'three blocks, half a byte of zero points left', shape: { rows: 9, n: 4, k: 96 }, seed: 6 },
  { name: 'primes', shape: { rows: 7, n: 67, k: 131 }, seed: 7 },
  { name: 'embeddings of a model', shape: { rows: 5, n: 300, k: 576 }, seed: 0xffffffff },
]

/** For each element of y its place in W. */
function placesOf(ids: Tensor, { rows, n, k }: GatherShape): Uint32Array {
  const rowsOfW = (elementsOf(ids) as Uint32Array).map((id) => Math.min(id, n - 1))
  return Uint32Array.from({ length: rows * k }, (_, at) => rowsOfW[Math.floor(at / k)]! * k + (at % k))
}

export const gatherQ4Suites: readonly KernelSuite[] = gatherQ4Kernels.map(({ kernel, form }) => ({
  kernel,
  cases: gatherCases,
  anyShape: { rows: { from: 0, to: 9 }, n: { from: 1, to: 40 }, k: { from: 0, to: 200 } },
  inputs: (shape: GatherShape, seed) => {
    // Past the last row too.
    const ids = seededWords(seed, 0, shape.rows).map((word) => word % (shape.n + 1))
    return [...seededQ4(form.program, shape, seed), tensorOf('ids', 'UINT32', [shape.rows], ids)]
  },
  reference(inputs, shape: GatherShape) {
    const { weights } = q4Matrix(form.program, inputs.slice(0, 3), shape)
    const y = Float32Array.from(placesOf(inputs[3]!, shape), (place) => weights[place]!)
    return [tensorOf('y', 'FP32', [shape.rows, shape.k], y)]
  },
  mismatch([y], inputs, shape: GatherShape) {
    const { weights, magnitudes, factors } = q4Matrix(form.program, inputs.slice(0, 3), shape)
    const places = placesOf(inputs[3]!, shape)
    const values = Float64Array.from(places, (place) => weights[place]!)
    const expected = { name: 'y', datatype: 'FP32', shape: [shape.rows, shape.k], values } as const
    // A product with an x of 1.
    return floatMismatch(y, expected, (at) => q4Bound(1, magnitudes[places[at]!]!, factors[places[at]!]!))
  },
}))
