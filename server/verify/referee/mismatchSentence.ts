import { elementCount, type Tensor } from '../../../protocol/tensor.ts'

/** One element that is not what it must be. */
export interface Mismatch {
  /** Flat, row-major. */
  index: number
  actual: string
  expected: string
}

/** The sentence for the contributor: how many elements of a tensor are wrong, the first one and the worst one. */
export function mismatchSentence(
  { name, shape }: Tensor,
  count: number,
  first: Mismatch,
  worst: Mismatch,
  rule: string,
): string {
  const total = elementCount(shape)
  const many = `${count} of ${total} elements of ${name} [${shape.join(',')}] are wrong (${rule})`
  const firstText = `the first at ${position(first.index, shape)} is ${first.actual} and must be ${first.expected}`
  if (first.index === worst.index) return `${many}: ${firstText}.`
  return `${many}: ${firstText}; the worst at ${position(worst.index, shape)} is ${worst.actual} and must be ${worst.expected}.`
}

/** The flat index as [i,j,...]. */
function position(index: number, shape: readonly number[]): string {
  const parts: number[] = []
  let rest = index
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    parts.unshift(rest % shape[axis]!)
    rest = Math.floor(rest / shape[axis]!)
  }
  return `[${parts.join(',')}]`
}
