import { distanceOf } from '../../protocol/distance.ts'
import { datatypes, elementsOf, type Tensor } from '../../protocol/tensor.ts'

/** How far two floating-point values may lie apart; each bound that is given is enough. */
export interface Tolerance {
  /** Units in the last place. */
  ulp?: number | undefined
  absolute?: number | undefined
  /** Share of the larger of the two. */
  relative?: number | undefined
}

export interface Comparison {
  /** Whether every element is equal or close enough. */
  agrees: boolean
  /** Whether that can be credited: the tolerance was not so wide that other work would have agreed as well. */
  isCreditable: boolean
  /** Largest distance in units in the last place; of whole numbers the largest difference. */
  maxUlp: number
  /**
   * The first element that is not close enough: output, index, both values; what JSON has no number for (NaN, infinities,
   * whole numbers of 64 bits) as text.
   */
  first: { output: string; index: number; value: number | string; reference: number | string } | null
}

/** What a pair may differ by at most to be credited, whatever the tolerance: a share of the larger value ... */
export const CREDITED_RELATIVE = 2 ** -6
/**
 * ... and, for values near zero, a share of the mean magnitude of the output that has the smaller one. The mean, for what is left
 * of a sum that cancels grows with the largest values: most of a sparse output is zero, and of a spectrum with one peak far below
 * what the peak's rounding leaves there, so that a median would credit no honest run of them. A huge
 * value that one side alone has widens nothing: it is not equal itself.
 */
export const CREDITED_OF_MEAN = 2 ** -10

/**
 * Compares outputs with others, by the names of the others; which is which changes nothing but the names in `first`. Both
 * zeros are equal, two NaN are equal, an infinity is equal to itself only, and whole numbers must be equal.
 */
export function compareOutputs(
  outputs: readonly Tensor[],
  reference: readonly Tensor[],
  tolerance: Tolerance = {},
): Comparison {
  const all: Comparison = { agrees: true, isCreditable: true, maxUlp: 0, first: null }
  for (const right of reference) {
    const output = outputs.find(({ name }) => name === right.name)
    if (!output || output.datatype !== right.datatype || output.bytes.byteLength !== right.bytes.byteLength) {
      all.agrees = false
      all.isCreditable = false
      all.maxUlp = Number.POSITIVE_INFINITY
      all.first ??= { output: right.name, index: 0, value: 'missing', reference: right.datatype }
    } else if (datatypes[output.datatype].bytes > 0 && !sameBytes(output.bytes, right.bytes))
      compareTensor(output, right, tolerance, all)
  }
  return all
}

/** Whether all outputs are the same to the bit. */
export const areSame = (a: readonly Tensor[], b: readonly Tensor[]): boolean =>
  a.length === b.length &&
  a.every((tensor, i) => tensor.name === b[i]!.name && sameBytes(tensor.bytes, b[i]!.bytes))

function compareTensor(output: Tensor, right: Tensor, tolerance: Tolerance, all: Comparison): void {
  const isFloat = /^FP/.test(output.datatype)
  const distance = distanceOf(output.datatype)
  const [a, b] = [numbersOf(output), numbersOf(right)]
  const nearZero = isFloat ? CREDITED_OF_MEAN * Math.min(meanOf(a), meanOf(b)) : 0
  for (let index = 0; index < a.length; index++) {
    const value = a[index]!
    const wanted = b[index]!
    if (value === wanted) continue
    const ulp = distance(value, wanted)
    if (ulp === 0) continue
    if (ulp > all.maxUlp) all.maxUlp = ulp
    const apart = isFloat ? Math.abs(Number(value) - Number(wanted)) : Number.POSITIVE_INFINITY
    const size = Math.max(Math.abs(Number(value)), Math.abs(Number(wanted)))
    if (!(apart <= CREDITED_RELATIVE * size + nearZero) || ulp === Number.POSITIVE_INFINITY)
      all.isCreditable = false
    if (Number.isFinite(apart) && isClose(ulp, apart, size, tolerance)) continue
    all.agrees = false
    all.isCreditable = false
    all.first ??= { output: output.name, index, value: shown(value), reference: shown(wanted) }
  }
}

const isClose = (
  ulp: number,
  apart: number,
  size: number,
  { ulp: mostUlp = 0, absolute, relative }: Tolerance,
): boolean =>
  ulp <= mostUlp ||
  (absolute !== undefined && apart <= absolute) ||
  (relative !== undefined && apart <= relative * size)

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

const shown = (value: number | bigint): number | string =>
  Number.isFinite(value) ? (value as number) : String(value)

/** Mean magnitude of the finite elements; 0 where there are none. */
function meanOf(elements: ArrayLike<number | bigint>): number {
  let [sum, count] = [0, 0]
  for (let index = 0; index < elements.length; index++) {
    const size = Math.abs(Number(elements[index]))
    if (!Number.isFinite(size)) continue
    sum += size
    count++
  }
  return count === 0 ? 0 : sum / count
}

function numbersOf(tensor: Tensor): ArrayLike<number | bigint> {
  const elements = elementsOf(tensor)
  return tensor.datatype === 'FP16'
    ? new Float16Array(elements.buffer as ArrayBuffer, elements.byteOffset, elements.length)
    : elements
}
