import { OpentabError } from './errors.ts'
import { HIDDEN_BLOCK, type HiddenFormat } from './language.ts'
import { checkTensor, type Datatype, elementsOf, type Tensor, tensorOf } from './tensor.ts'
import { floatToHalf, halfToFloat } from './weights/halfFloat.ts'

/** The largest half: what is larger travels as this. */
const MAX_HALF = 65_504
const MAX_CODE = 127

/** The largest magnitude that travels in a format; what is larger travels as this. */
export const largestHidden: Readonly<Record<HiddenFormat, number>> = {
  f32: Number.POSITIVE_INFINITY,
  f16: MAX_HALF,
  int8: MAX_HALF * MAX_CODE,
}

const datatypeOf: Record<HiddenFormat, Datatype> = { f32: 'FP32', f16: 'FP16', int8: 'INT8' }

/**
 * Hidden states as they travel between stages, f32[rows, width] in:
 * - f32: as they are.
 * - f16: each value rounded to the nearest half; past the largest half it is that one.
 * - int8: in blocks of HIDDEN_BLOCK along a row (the last one may be shorter): scale = the largest magnitude / 127 as the
 *   nearest half, and the code c from -127 to 127 for which scale * c * |c| / 127 is nearest to the value, of
 *   two the one nearer to zero. The steps grow with the value: hidden states have outliers some fifty times as large as
 *   their neighbours, which even steps would leave next to nothing of.
 * @returns `hidden`, and for int8 `scales` (protocol/generation.ts); f32 shares the memory of `values`
 * @throws OpentabError `model_failed` when a value is NaN or infinite
 */
export function encodeHidden(format: HiddenFormat, values: Float32Array, width: number): Tensor[] {
  const rows = values.length / width
  requireFinite(values, width)
  switch (format) {
    case 'f32':
      return [tensorOf('hidden', 'FP32', [rows, width], values)]
    case 'f16': {
      const halves = new Uint16Array(values.length)
      for (let i = 0; i < values.length; i++) {
        halves[i] = floatToHalf(Math.max(-MAX_HALF, Math.min(MAX_HALF, values[i]!)))
      }
      return [tensorOf('hidden', 'FP16', [rows, width], halves)]
    }
    case 'int8':
      return encodeBlocks(values, rows, width)
    default:
      return format satisfies never
  }
}

function encodeBlocks(values: Float32Array, rows: number, width: number): Tensor[] {
  const widen = halfToFloat()
  const blocks = Math.ceil(width / HIDDEN_BLOCK)
  const codes = new Int8Array(values.length)
  const scales = new Uint16Array(rows * blocks)
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < blocks; block++) {
      const from = row * width + block * HIDDEN_BLOCK
      const to = Math.min(from + HIDDEN_BLOCK, (row + 1) * width)
      let largest = 0
      for (let i = from; i < to; i++) largest = Math.max(largest, Math.abs(values[i]!))
      const half = floatToHalf(Math.min(largest / MAX_CODE, MAX_HALF))
      scales[row * blocks + block] = half
      const scale = widen[half]!
      for (let i = from; i < to; i++) codes[i] = scale === 0 ? 0 : codeOf(values[i]! / scale)
    }
  }
  return [
    tensorOf('hidden', 'INT8', [rows, width], codes),
    tensorOf('scales', 'FP16', [rows, blocks], scales),
  ]
}

/** The code c for which c * |c| / 127 is nearest to a ratio. */
function codeOf(ratio: number): number {
  const square = Math.abs(ratio) * MAX_CODE
  const below = Math.floor(Math.sqrt(square))
  // Half way between the squares of two codes.
  const code = square > below * below + below + 0.5 ? below + 1 : below
  return Math.sign(ratio) * Math.min(MAX_CODE, code)
}

function requireFinite(values: Float32Array, width: number): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue
    throw new OpentabError(
      'model_failed',
      `Row ${Math.floor(i / width)} of the hidden state has ${values[i]} at element ${i % width}.`,
    )
  }
}

/**
 * The rows of `hidden` (and `scales`) in a task's tensors, f32[rows, width]; f32 shares their memory where it is aligned.
 * @throws OpentabError `invalid_value` when a tensor is missing, of another datatype or shape, or a scale is no finite
 * number from 0 up
 */
export function decodeHidden(format: HiddenFormat, tensors: readonly Tensor[], width: number): Float32Array {
  const datatype = datatypeOf[format]
  const hidden = find(tensors, 'hidden', datatype)
  if (hidden.shape.length !== 2 || hidden.shape[1] !== width) {
    throw refuse('hidden', `hidden is ${datatype}[${hidden.shape.join(',')}] and must be [rows,${width}].`)
  }
  switch (format) {
    case 'f32':
      return elementsOf(hidden as Tensor & { datatype: 'FP32' })
    case 'f16': {
      const widen = halfToFloat()
      const halves = elementsOf(hidden as Tensor & { datatype: 'FP16' })
      return Float32Array.from(halves, (half) => widen[half]!)
    }
    case 'int8':
      return decodeBlocks(hidden, find(tensors, 'scales', 'FP16'), width)
    default:
      return format satisfies never
  }
}

function decodeBlocks(hidden: Tensor, scaleTensor: Tensor, width: number): Float32Array {
  const rows = hidden.shape[0]!
  const blocks = Math.ceil(width / HIDDEN_BLOCK)
  if (scaleTensor.shape.length !== 2 || scaleTensor.shape[0] !== rows || scaleTensor.shape[1] !== blocks) {
    throw refuse('scales', `scales is FP16[${scaleTensor.shape.join(',')}] and must be [${rows},${blocks}].`)
  }
  const widen = halfToFloat()
  const codes = elementsOf(hidden as Tensor & { datatype: 'INT8' })
  const scales = elementsOf(scaleTensor as Tensor & { datatype: 'FP16' })
  const values = new Float32Array(codes.length)
  for (let at = 0; at < scales.length; at++) {
    const scale = widen[scales[at]!]!
    if (!(scale >= 0 && scale <= MAX_HALF)) throw refuse('scales', `Scale ${at} is ${scale}.`)
    const from = Math.floor(at / blocks) * width + (at % blocks) * HIDDEN_BLOCK
    const to = Math.min(from + HIDDEN_BLOCK, (Math.floor(at / blocks) + 1) * width)
    for (let i = from; i < to; i++) values[i] = (scale * codes[i]! * Math.abs(codes[i]!)) / MAX_CODE
  }
  return values
}

function find(tensors: readonly Tensor[], name: string, datatype: Datatype): Tensor {
  const tensor = tensors.find((each) => each.name === name)
  if (!tensor) throw refuse(name, `The task has no tensor ${name}.`)
  if (tensor.datatype !== datatype) {
    throw refuse(name, `${name} is ${tensor.datatype} and must be ${datatype}.`)
  }
  checkTensor(tensor)
  return tensor
}

const refuse = (param: string, message: string): OpentabError =>
  new OpentabError('invalid_value', message, { param })
