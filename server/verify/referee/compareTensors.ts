import { cleanLine } from '../../../protocol/cleanLine.ts'
import { OpentabError } from '../../../protocol/errors.ts'
import type { Ranked, Tolerance } from '../../../protocol/manifest.ts'
import { type Datatype, elementsOf, type Tensor } from '../../../protocol/tensor.ts'
import { compareRanked, type ExpectedRanks } from './compareRanked.ts'
import { halfToNumber } from './halfToNumber.ts'
import { type Mismatch, mismatchSentence } from './mismatchSentence.ts'

/**
 * Compares what a tab gave with what the referee computed, tensor by tensor in the same order. Integers, booleans and
 * strings must be equal; floats (FP16, FP32, FP64) |actual - expected| <= atol + rtol |expected|, NaN equals NaN only, an
 * infinity equals the same infinity only. Gives null when all agree, else the sentence for the contributor, which
 * names the first mismatch and the worst one (furthest outside the tolerance) with index and both values.
 * @param ranked the outputs that rank classes, whose indices are compared by compareRanked
 * @throws OpentabError `model_failed` when the referee's own outputs are not the ranks that `ranked` says they are
 */
export function compareTensors(
  actual: readonly Tensor[],
  expected: readonly Tensor[],
  tolerance: Tolerance,
  ranked?: Ranked,
): string | null {
  const ranks = ranked && ranksOf(expected, ranked)
  if (actual.length !== expected.length)
    return `${expected.length} outputs were expected and ${actual.length} came.`
  for (let i = 0; i < expected.length; i++) {
    const reason = compareTensor(actual[i]!, expected[i]!, tolerance, ranks)
    if (reason !== null) return reason
  }
  return null
}

function ranksOf(expected: readonly Tensor[], ranked: Ranked): ExpectedRanks {
  const values = expected.find(({ name }) => name === ranked.values)
  const indices = expected.find(({ name }) => name === ranked.indices)
  if (
    values?.datatype !== 'FP32' ||
    indices?.datatype !== 'INT64' ||
    values.shape.length === 0 ||
    values.shape.join() !== indices.shape.join()
  ) {
    throw new OpentabError(
      'model_failed',
      `${ranked.values} and ${ranked.indices} should be FP32 and INT64 outputs of one shape and are not.`,
    )
  }
  return { values, indices, classes: ranked.classes }
}

function compareTensor(
  actual: Tensor,
  expected: Tensor,
  tolerance: Tolerance,
  ranks: ExpectedRanks | undefined,
): string | null {
  const { name, datatype, shape } = expected
  if (actual.name !== name) return `Output ${name} was expected and ${cleanLine(actual.name)} came.`
  if (actual.datatype !== datatype) return `Output ${name} is ${actual.datatype} and must be ${datatype}.`
  if (actual.shape.length !== shape.length || shape.some((size, axis) => actual.shape[axis] !== size)) {
    return `Output ${name} has the shape [${actual.shape.join(',')}] and must have [${shape.join(',')}].`
  }
  if (datatype === 'BYTES') return compareStrings(actual, expected)
  if (actual.bytes.byteLength !== expected.bytes.byteLength) {
    return `Output ${name} has ${actual.bytes.byteLength} bytes and must have ${expected.bytes.byteLength}.`
  }
  if (datatype === 'FP16' || datatype === 'FP32' || datatype === 'FP64') {
    return compareFloats(actual, expected, datatype, tolerance)
  }
  if (expected === ranks?.indices) return compareRanked(actual, ranks, tolerance)
  return compareExactly(actual, expected, datatype)
}

function compareExactly(
  actual: Tensor,
  expected: Tensor,
  datatype: Exclude<Datatype, 'BYTES' | 'FP16' | 'FP32' | 'FP64'>,
): string | null {
  const a = elementsOf({ ...actual, datatype })
  const b = elementsOf({ ...expected, datatype })
  let first = -1
  let worst = -1
  let worstDistance = -1
  let count = 0
  for (let i = 0; i < b.length; i++) {
    if (a[i] === b[i]) continue
    count++
    if (first < 0) first = i
    const distance = Math.abs(Number(a[i]) - Number(b[i]))
    if (distance > worstDistance) {
      worst = i
      worstDistance = distance
    }
  }
  if (count === 0) return null
  const at = (index: number): Mismatch => ({ index, actual: String(a[index]), expected: String(b[index]) })
  return mismatchSentence(expected, count, at(first), at(worst), `${datatype} must be equal`)
}

function compareFloats(
  actual: Tensor,
  expected: Tensor,
  datatype: 'FP16' | 'FP32' | 'FP64',
  { rtol, atol }: Tolerance,
): string | null {
  const a = elementsOf({ ...actual, datatype })
  const b = elementsOf({ ...expected, datatype })
  const isHalf = datatype === 'FP16'
  let first = -1
  let worst = -1
  let worstExcess = -1
  let count = 0
  for (let i = 0; i < b.length; i++) {
    const x = isHalf ? halfToNumber(a[i]!) : a[i]!
    const y = isHalf ? halfToNumber(b[i]!) : b[i]!
    if (Object.is(x, y)) continue
    const allowed = atol + rtol * Math.abs(y)
    const distance = Math.abs(x - y)
    // An infinite `allowed` (y infinite) must let nothing through: only the same infinity would do, and is not here.
    if (distance <= allowed && Number.isFinite(y)) continue
    count++
    if (first < 0) first = i
    const excess = Number.isFinite(distance) ? distance - allowed : Number.POSITIVE_INFINITY
    if (excess > worstExcess) {
      worst = i
      worstExcess = excess
    }
  }
  if (count === 0) return null
  const value = (x: number): string => String(isHalf ? halfToNumber(x) : x)
  const at = (index: number): Mismatch => ({ index, actual: value(a[index]!), expected: value(b[index]!) })
  return mismatchSentence(expected, count, at(first), at(worst), `tolerance ${atol} + ${rtol} * |expected|`)
}

function compareStrings(actual: Tensor, expected: Tensor): string | null {
  const a = stringsOf(actual)
  const b = stringsOf(expected)
  let first = -1
  let count = 0
  for (let i = 0; i < b.length; i++) {
    if (a[i] === b[i]) continue
    count++
    if (first < 0) first = i
  }
  if (count === 0) return null
  const shown = (text: string | undefined): string =>
    text === undefined ? 'missing' : JSON.stringify(text.slice(0, 80))
  const mismatch = { index: first, actual: shown(a[first]), expected: shown(b[first]) }
  return mismatchSentence(expected, count, mismatch, mismatch, 'strings must be equal')
}

/** The strings as latin-1, one character a byte: equal exactly when the bytes are. */
function stringsOf({ bytes }: Tensor): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const strings: string[] = []
  for (let at = 0; at + 4 <= bytes.byteLength; ) {
    const end = at + 4 + view.getUint32(at, true)
    strings.push(Buffer.from(bytes.subarray(at + 4, end)).toString('latin1'))
    at = end
  }
  return strings
}
