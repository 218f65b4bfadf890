import { MAX_KNOWN_ELEMENTS } from './limits.ts'
import { mismatch } from './operatorCall.ts'

/** Number of elements. */
export const countOf = (shape: readonly number[]): number => {
  let count = 1
  for (const size of shape) count *= size
  return count
}

/** Shape after multidirectional broadcasting (the ONNX specification, "Broadcasting in ONNX"). */
export function broadcast(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length))
  const out = new Array<number>(rank).fill(1)
  for (const shape of shapes) {
    const offset = rank - shape.length
    for (let axis = 0; axis < shape.length; axis++) {
      const size = shape[axis] as number
      const there = out[offset + axis] as number
      if (size === there || size === 1) continue
      if (there !== 1)
        throw mismatch(`shapes ${shapes.map((s) => `[${s.join(', ')}]`).join(' and ')} do not broadcast`)
      out[offset + axis] = size
    }
  }
  return out
}

/** Element of a broadcast operand for each element of the output, row-major. */
export function broadcastIndices(shape: readonly number[], out: readonly number[]): number[] {
  const strides = stridesOf(shape)
  const offset = out.length - shape.length
  let indices = [0]
  for (let axis = 0; axis < out.length; axis++) {
    const own = axis - offset
    const stride = own < 0 || shape[own] === 1 ? 0 : (strides[own] as number)
    const size = out[axis] as number
    indices = indices.flatMap((index) => Array.from({ length: size }, (_, at) => index + at * stride))
  }
  return indices
}

/** Row-major strides in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= shape[axis] as number
  }
  return strides
}

/** Whether values of that shape are few enough to be kept. */
export const keepsValues = (shape: readonly number[]): boolean => countOf(shape) <= MAX_KNOWN_ELEMENTS
