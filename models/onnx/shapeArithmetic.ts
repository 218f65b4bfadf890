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
  return stridedIndices(
    out,
    out.map((_, axis) => (axis < offset || shape[axis - offset] === 1 ? 0 : (strides[axis - offset] ?? 0))),
  )
}

/** Where the elements of a strided view lie, row-major: offset + sum of index times stride. */
export function stridedIndices(shape: readonly number[], strides: readonly number[], offset = 0): number[] {
  let indices = [offset]
  shape.forEach((size, axis) => {
    const stride = strides[axis] ?? 0
    const next = new Array<number>(indices.length * size)
    let at = 0
    for (const index of indices) for (let i = 0; i < size; i++) next[at++] = index + i * stride
    indices = next
  })
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
