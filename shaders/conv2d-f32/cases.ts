import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { anyInputs, floatMismatch, type KernelCase, type KernelSuite } from '../kernelSuite.ts'
import { matmulF32Bound } from '../matmul-f32/roundingBound.ts'
import { areWhole, unlessExact, wholeCase } from '../wholeNumbers.ts'
import { conv2dF32 } from './kernel.ts'
import { type Conv2dShape, conv2dReference, outSizes } from './reference.ts'

type Sizes = Partial<Record<keyof Conv2dShape, number>>

const shapeOf = (
  channels: number,
  outputs: number,
  size: [height: number, width: number],
  more: Sizes = {},
) => ({
  batch: 1,
  groups: 1,
  groupChannels: channels,
  groupOutputs: outputs,
  height: size[0],
  width: size[1],
  kernelHeight: 3,
  kernelWidth: 3,
  strideY: 1,
  strideX: 1,
  padTop: 1,
  padLeft: 1,
  padBottom: 1,
  padRight: 1,
  ...more,
})
const bare: Sizes = { padTop: 0, padLeft: 0, padBottom: 0, padRight: 0 }
const pointwise: Sizes = { ...bare, kernelHeight: 1, kernelWidth: 1 }

/**
 * Edges first, then what tiles of 8 and 64 outputs and 64 pixels leave over. A result is right when
 * |y - reference| <= gamma_{K + 1} * (sum |w*x| + |bias|) + (K + 1) * 2^-125 for each element, where K products and
 * the bias are added up: every one passes through at most K + 1 roundings in whatever order
 * (matmul-f32/roundingBound.ts), of whole numbers none, and what lies in the padding adds an exact zero.
 */
export const conv2dF32Cases: readonly KernelCase[] = [
  { name: 'no picture', shape: shapeOf(1, 1, [3, 3], { batch: 0 }), seed: 1 },
  { name: 'a kernel that does not fit', shape: shapeOf(1, 1, [2, 2], bare), seed: 1 },
  { name: 'one product', shape: shapeOf(1, 1, [1, 1], pointwise), seed: 2 },
  { name: 'one pixel in its padding', shape: shapeOf(2, 3, [1, 1]), seed: 3 },
  { name: 'a kernel as large as the picture', shape: shapeOf(3, 5, [3, 3], bare), seed: 4 },
  { name: 'points of primes', shape: shapeOf(7, 11, [5, 13], pointwise), seed: 5 },
  {
    name: 'padding on one side',
    shape: shapeOf(2, 9, [4, 5], { padTop: 2, padLeft: 0, padBottom: 0 }),
    seed: 6,
  },
  { name: 'strides that differ', shape: shapeOf(3, 8, [9, 10], { strideY: 2, strideX: 3 }), seed: 7 },
  {
    name: 'strides past the kernel',
    shape: shapeOf(2, 4, [11, 11], { ...pointwise, strideY: 4, strideX: 4 }),
    seed: 8,
  },
  { name: 'a channel each', shape: shapeOf(1, 1, [6, 7], { groups: 5 }), seed: 9 },
  { name: 'groups of two pictures', shape: shapeOf(2, 3, [5, 5], { groups: 3, batch: 2 }), seed: 10 },
  { name: 'one past every tile', shape: shapeOf(2, 65, [5, 13], pointwise), seed: 11 },
  {
    name: 'a kernel of one row',
    shape: shapeOf(4, 6, [4, 17], { kernelHeight: 1, padTop: 0, padBottom: 0, kernelWidth: 5 }),
    seed: 12,
  },
  wholeCase(conv2dF32, 'whole numbers in long sums', shapeOf(4099, 9, [3, 4], pointwise)),
  { name: 'a layer of a model', shape: shapeOf(16, 24, [12, 12]), seed: 0xffffffff },
]

const parts = (inputs: readonly Tensor[], shape: Conv2dShape, part = (v: number) => v) => {
  const [x, weights, bias] = inputs.map((tensor) => (elementsOf(tensor) as Float32Array).map(part))
  return conv2dReference(x!, weights!, bias!, shape)
}

const outputShape = (shape: Conv2dShape) => [
  shape.batch,
  shape.groups * shape.groupOutputs,
  ...outSizes(shape),
]

export const conv2dF32Suite: KernelSuite = {
  kernel: conv2dF32,
  cases: conv2dF32Cases,
  anyShape: {
    batch: [0, 1, 2],
    groups: [1, 2, 3],
    groupChannels: { from: 1, to: 6 },
    groupOutputs: { from: 1, to: 12 },
    height: { from: 1, to: 12 },
    width: { from: 1, to: 12 },
    kernelHeight: { from: 1, to: 4 },
    kernelWidth: { from: 1, to: 4 },
    strideY: [1, 2, 3],
    strideX: [1, 2, 3],
    padTop: [0, 1, 2],
    padLeft: [0, 1, 2],
    padBottom: [0, 1, 2],
    padRight: [0, 1, 2],
  },
  inputs: anyInputs(conv2dF32),
  reference(inputs, shape: Conv2dShape) {
    return [tensorOf('y', 'FP32', outputShape(shape), Float32Array.from(parts(inputs, shape)))]
  },
  mismatch([y], inputs, shape: Conv2dShape) {
    const values = parts(inputs, shape)
    const magnitudes = parts(inputs, shape, Math.abs)
    const expected = { name: 'y', datatype: 'FP32', shape: outputShape(shape), values } as const
    const terms = shape.groupChannels * shape.kernelHeight * shape.kernelWidth + 1
    const isWhole = areWhole(...inputs.map((tensor) => elementsOf(tensor) as Float32Array))
    return floatMismatch(y, expected, (at) =>
      unlessExact(isWhole, magnitudes[at]!, matmulF32Bound(terms, magnitudes[at]!)),
    )
  },
}
