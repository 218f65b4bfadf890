import { datatypes, elementsOf, type Tensor } from '../../protocol/tensor.ts'

/** How far two floating-point values may lie apart; each bound that is given is enough. */
export interface Tolerance {
  /** Units in the last place. */
  ulp?: number | undefined
  absolute?: number | undefined
  /** Share of the reference's size. */
  relative?: number | undefined
}

export interface Comparison {
  /** Whether every element is equal or close enough. */
  agrees: boolean
  /** Largest distance in units in the last place; of whole numbers the largest difference. */
  maxUlp: number
  /** The first element that is not close enough: output, index, both values. */
  first: { output: string; index: number; value: number | string; reference: number | string } | null
}

/** Elements compared before other work has its turn: some milliseconds. */
const TURN_ELEMENTS = 2 ** 18
/** Outputs of fewer elements are compared at once. */
const FEW_ELEMENTS = 2 ** 12

export interface CompareOptions {
  /** Whether only `agrees` and `first` are wanted: `maxUlp` is then of what was looked at. */
  untilDifferent?: boolean
}

/**
 * Compares outputs with what is right, by name. Two values that are no number are equal; integers must be equal. The event
 * loop gets its turn between stretches: outputs may be large, and the relay has but one thread.
 */
export async function compareOutputs(
  outputs: readonly Tensor[],
  reference: readonly Tensor[],
  tolerance: Tolerance = {},
  { untilDifferent = false }: CompareOptions = {},
): Promise<Comparison> {
  const all: Comparison = { agrees: true, maxUlp: 0, first: null }
  for (const right of reference) {
    if (untilDifferent && !all.agrees) break
    const output = outputs.find(({ name }) => name === right.name)
    if (!output || output.datatype !== right.datatype || output.bytes.byteLength !== right.bytes.byteLength) {
      all.agrees = false
      all.maxUlp = Number.POSITIVE_INFINITY
      all.first ??= { output: right.name, index: 0, value: 'missing', reference: right.datatype }
      continue
    }
    if (datatypes[output.datatype].bytes === 0 || sameBytes(output.bytes, right.bytes)) continue
    const pair = { output, a: numbersOf(output), b: numbersOf(right) }
    for (let from = 0; from < pair.a.length; from += TURN_ELEMENTS) {
      if (pair.a.length > FEW_ELEMENTS) await new Promise<void>((resolve) => setImmediate(resolve))
      compareStretch(pair, from, Math.min(pair.a.length, from + TURN_ELEMENTS), tolerance, all)
      if (untilDifferent && !all.agrees) break
    }
  }
  return all
}

/** Whether all outputs are the same to the bit. */
export const areSame = (a: readonly Tensor[], b: readonly Tensor[]): boolean =>
  a.length === b.length &&
  a.every((tensor, i) => tensor.name === b[i]!.name && sameBytes(tensor.bytes, b[i]!.bytes))

function compareStretch(
  { output, a, b }: { output: Tensor; a: ArrayLike<number | bigint>; b: ArrayLike<number | bigint> },
  from: number,
  to: number,
  tolerance: Tolerance,
  all: Comparison,
): void {
  const isFloat = /^FP/.test(output.datatype)
  for (let index = from; index < to; index++) {
    const [value, wanted] = [Number(a[index]), Number(b[index])]
    if (value === wanted || (Number.isNaN(value) && Number.isNaN(wanted))) continue
    const ulp = isFloat ? ulpApart(output.datatype, value, wanted) : Math.abs(value - wanted)
    if (ulp > all.maxUlp) all.maxUlp = ulp
    if (isFloat && isClose(value, wanted, ulp, tolerance)) continue
    all.agrees = false
    all.first ??= { output: output.name, index, value: shown(value), reference: shown(wanted) }
  }
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

const shown = (value: number): number | string => (Number.isFinite(value) ? value : String(value))

function isClose(
  value: number,
  wanted: number,
  ulp: number,
  { ulp: mostUlp = 0, absolute, relative }: Tolerance,
): boolean {
  const apart = Math.abs(value - wanted)
  return (
    ulp <= mostUlp ||
    (absolute !== undefined && apart <= absolute) ||
    (relative !== undefined && apart <= relative * Math.abs(wanted))
  )
}

function numbersOf(tensor: Tensor): ArrayLike<number | bigint> {
  const elements = elementsOf(tensor)
  return tensor.datatype === 'FP16'
    ? new Float16Array(elements.buffer as ArrayBuffer, elements.byteOffset, elements.length)
    : elements
}

const view = new DataView(new ArrayBuffer(8))

/** How many floating-point numbers of the datatype lie between two of them; both zeros are one. */
function ulpApart(datatype: Tensor['datatype'], a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.POSITIVE_INFINITY
  return Math.abs(Number(place(datatype, a) - place(datatype, b)))
}

/** The place of a number among all of its datatype, in rising order, 0 for zero. */
function place(datatype: Tensor['datatype'], value: number): bigint {
  const magnitude = Math.abs(value)
  let bits: bigint
  if (datatype === 'FP64') {
    view.setFloat64(0, magnitude)
    bits = view.getBigUint64(0)
  } else if (datatype === 'FP16') {
    view.setFloat16(0, magnitude)
    bits = BigInt(view.getUint16(0))
  } else {
    view.setFloat32(0, magnitude)
    bits = BigInt(view.getUint32(0))
  }
  return value < 0 ? -bits : bits
}
