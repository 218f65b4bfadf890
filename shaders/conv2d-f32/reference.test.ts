import { describe, expect, it } from 'vitest'
import { sizeOf } from '../size.ts'
import { conv2dF32 } from './kernel.ts'
import { type Conv2dShape, conv2dReference, outSizes } from './reference.ts'

const one: Conv2dShape = {
  batch: 1,
  groups: 1,
  groupChannels: 1,
  groupOutputs: 1,
  height: 2,
  width: 3,
  kernelHeight: 1,
  kernelWidth: 1,
  strideY: 1,
  strideX: 1,
  padTop: 0,
  padLeft: 0,
  padBottom: 0,
  padRight: 0,
}
const x = [1, 2, 3, 4, 5, 6]

describe('the reference of conv2d-f32', () => {
  it('is a factor and a bias for a kernel of one', () => {
    expect([...conv2dReference(x, [2], [0.5], one)]).toEqual([2.5, 4.5, 6.5, 8.5, 10.5, 12.5])
  })

  it('sees zeros in the padding, which may differ from side to side', () => {
    const shape = { ...one, kernelHeight: 2, kernelWidth: 2, padTop: 1, padRight: 1 }
    expect([...conv2dReference(x, [1, 10, 100, 1000], [0], shape)]).toEqual([
      2100, 3200, 300, 5421, 6532, 603,
    ])
  })

  it('leaves out what a stride jumps over', () => {
    expect([...conv2dReference(x, [1], [0], { ...one, strideY: 2, strideX: 2 })]).toEqual([1, 3])
  })

  it('keeps groups apart', () => {
    const shape = { ...one, groups: 2, height: 1, width: 1 }
    expect([...conv2dReference([3, 5], [2, 7], [0, 1], shape)]).toEqual([6, 36])
  })

  it('is empty where the kernel does not fit, as the descriptor says too', () => {
    const shapes = [
      { ...one, kernelHeight: 3 },
      { ...one, strideX: 2, padLeft: 1 },
      { ...one, kernelWidth: 3 },
    ]
    const y = conv2dF32.tensors.find(({ role }) => role === 'output')!
    for (const shape of shapes) {
      expect(y.shape.slice(2).map((size) => sizeOf(size, shape))).toEqual(outSizes(shape))
    }
    expect([...conv2dReference(x, [1, 1, 1], [0], shapes[0]!)]).toEqual([])
  })
})
