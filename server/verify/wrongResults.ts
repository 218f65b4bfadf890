import { pcg } from '../../protocol/seededInputs.ts'
import { type Datatype, datatypes, type Tensor } from '../../protocol/tensor.ts'

/** Ways in which a tab may be wrong, made on purpose by tests and simulated tabs. */
export const wrongResultKinds = [
  'zeros',
  'noise',
  'stale',
  'bit-flip',
  'one-element',
  'shifted',
  'nan',
  'wrong-shape',
  'wrong-dtype',
] as const
export type WrongResultKind = (typeof wrongResultKinds)[number]

/**
 * A wrong result made from a right one, never equal to it; the right one is left as it is. Only the first output that
 * has elements is changed, except by `stale`. Deterministic for a seed.
 * - `zeros`, `noise`: all bytes zero or random
 * - `stale`: the result of another task (`stale`), or zeros where there is none
 * - `bit-flip`: one bit of one element, in floats one of the exponent's upper half
 * - `one-element`: one integer is one more, one float x becomes 2|x| + 1
 * - `shifted`: every element at its neighbour's place
 * - `nan`: one float is NaN; in integers all bits set
 * - `wrong-shape`: one element fewer, `wrong-dtype`: the same bytes under another datatype
 */
export function makeWrong(
  kind: WrongResultKind,
  right: readonly Tensor[],
  seed: number,
  stale?: readonly Tensor[],
): Tensor[] {
  if (kind === 'stale' && stale !== undefined && !same(stale, right))
    return stale.map((tensor) => ({ ...tensor }))
  const at = right.findIndex((tensor) => tensor.bytes.byteLength > 0)
  if (at < 0) return []
  const wrong = right.map((tensor) => ({ ...tensor }))
  wrong[at] = spoil(kind, right[at]!, seed >>> 0)
  if (same(wrong, right)) wrong[at] = spoil('one-element', right[at]!, seed >>> 0)
  return wrong
}

function spoil(kind: WrongResultKind, tensor: Tensor, seed: number): Tensor {
  const bytes = tensor.bytes.slice()
  const size = Math.max(1, datatypes[tensor.datatype].bytes)
  const count = bytes.byteLength / size
  const element = pcg(seed) % count
  switch (kind) {
    case 'zeros':
    case 'stale':
      bytes.fill(0)
      break
    case 'noise':
      for (let i = 0; i < bytes.length; i++) bytes[i] = pcg((i + pcg(seed)) >>> 0) >>> 24
      break
    case 'bit-flip': {
      const bit = isFloat(tensor.datatype) ? size * 8 - 2 - (pcg(seed + 1) % 2) : pcg(seed + 1) % (size * 8)
      bytes[element * size + (bit >> 3)]! ^= 1 << (bit & 7)
      break
    }
    case 'one-element':
      addOne(bytes, tensor.datatype, element * size, size)
      break
    case 'shifted':
      bytes.copyWithin(size, 0, bytes.length - size)
      bytes.set(tensor.bytes.subarray(bytes.length - size), 0)
      break
    case 'nan':
      bytes.fill(0xff, element * size, (element + 1) * size)
      break
    case 'wrong-shape':
      return { ...tensor, shape: [count - 1], bytes: bytes.slice(0, (count - 1) * size) }
    case 'wrong-dtype':
      return { ...tensor, datatype: tensor.datatype === 'FP32' ? 'INT32' : 'FP32' }
    default:
      return kind satisfies never
  }
  return { ...tensor, bytes }
}

/** Adds one to the little-endian integer at `at`; a float x becomes 2|x| + 1, which is never x. */
function addOne(bytes: Uint8Array, datatype: Datatype, at: number, size: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (datatype === 'FP32') {
    view.setFloat32(at, 2 * Math.abs(view.getFloat32(at, true)) + 1, true)
    return
  }
  if (datatype === 'FP64') {
    view.setFloat64(at, 2 * Math.abs(view.getFloat64(at, true)) + 1, true)
    return
  }
  for (let i = 0; i < size; i++) {
    bytes[at + i]!++
    if (bytes[at + i] !== 0) return
  }
}

function isFloat(datatype: Datatype): boolean {
  return datatype === 'FP16' || datatype === 'FP32' || datatype === 'FP64'
}

function same(x: readonly Tensor[], y: readonly Tensor[]): boolean {
  return (
    x.length === y.length &&
    x.every((tensor, i) => {
      const other = y[i]!
      return (
        tensor.datatype === other.datatype &&
        String(tensor.shape) === String(other.shape) &&
        tensor.bytes.length === other.bytes.length &&
        tensor.bytes.every((byte, j) => byte === other.bytes[j])
      )
    })
  )
}
