import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { floatMismatch, type KernelCase, type KernelSuite } from '../kernelSuite.ts'
import { matmulF32Bound } from '../matmul-f32/roundingBound.ts'
import { seededTensors } from '../seededTensors.ts'
import { rope } from './kernel.ts'
import { type RopeShape, ropeReference } from './reference.ts'

const positionsWithin = (tensor: Tensor, positions: number): Tensor => {
  // Past the tables' end too.
  const position = (elementsOf(tensor) as Uint32Array).map((word) => word % (positions + 1))
  return tensorOf(tensor.name, 'UINT32', tensor.shape, position)
}

const inputsOf = ([x, position, cosines, sines]: readonly Tensor[]) => ({
  x: elementsOf(x!) as Float32Array,
  position: elementsOf(position!) as Uint32Array,
  cosines: elementsOf(cosines!) as Float32Array,
  sines: elementsOf(sines!) as Float32Array,
})

const ropeCases: readonly KernelCase[] = [
  { name: 'no row', shape: { rows: 0, heads: 1, half: 4, positions: 1, interleaved: 0 }, seed: 1 },
  { name: 'one pair', shape: { rows: 1, heads: 1, half: 1, positions: 3, interleaved: 0 }, seed: 2 },
  {
    name: "positions past the tables' end",
    shape: { rows: 2, heads: 1, half: 2, positions: 2, interleaved: 0 },
    seed: 0,
    inputs: () => [
      tensorOf('x', 'FP32', [2, 1, 4], Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)),
      tensorOf('position', 'UINT32', [2], Uint32Array.of(2, 0xffffffff)),
      tensorOf('cosines', 'FP32', [2, 2], Float32Array.of(0.5, 0.25, -0.5, 0.75)),
      tensorOf('sines', 'FP32', [2, 2], Float32Array.of(-0.25, 0.5, 1, -1)),
    ],
  },
  { name: 'neighbours', shape: { rows: 2, heads: 3, half: 5, positions: 4, interleaved: 1 }, seed: 3 },
  { name: 'halves', shape: { rows: 2, heads: 3, half: 5, positions: 4, interleaved: 0 }, seed: 4 },
  { name: 'a prime shape', shape: { rows: 7, heads: 5, half: 13, positions: 11, interleaved: 1 }, seed: 5 },
  {
    name: 'heads of a model',
    shape: { rows: 4, heads: 12, half: 32, positions: 64, interleaved: 0 },
    seed: 0xffffffff,
  },
]

export const ropeSuite: KernelSuite = {
  kernel: rope,
  cases: ropeCases,
  anyShape: {
    rows: { from: 0, to: 9 },
    heads: { from: 1, to: 6 },
    half: { from: 1, to: 40 },
    positions: { from: 1, to: 20 },
    interleaved: [0, 1],
  },
  inputs(shape: RopeShape, seed) {
    // Any numbers: the kernel does not ask whether a table holds true cosines.
    const [x, position, cosines, sines] = seededTensors(rope, shape, seed)
    return [x!, positionsWithin(position!, shape.positions), cosines!, sines!]
  },
  reference(inputs, shape: RopeShape) {
    const { y } = ropeReference(inputsOf(inputs), shape)
    return [tensorOf('y', 'FP32', inputs[0]!.shape, Float32Array.from(y))]
  },
  mismatch([y], inputs, shape: RopeShape) {
    const { y: values, magnitudes } = ropeReference(inputsOf(inputs), shape)
    const expected = { name: 'y', datatype: 'FP32', shape: inputs[0]!.shape, values } as const
    // A sum of two products.
    return floatMismatch(y, expected, (at) => matmulF32Bound(2, magnitudes[at]!))
  },
}
