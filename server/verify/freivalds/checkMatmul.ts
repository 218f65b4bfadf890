import { OpentabError } from '../../../protocol/errors.ts'
import type { KernelTask } from '../../../protocol/task.ts'
import type { Tensor } from '../../../protocol/tensor.ts'
import type { CheckOutcome } from '../checker.ts'
import { wrongRowFloat32 } from './boundedFloat32.ts'
import { describeFloat32Row, describeInt8Row } from './describeRow.ts'
import { FLOAT64_LIMIT, wrongRowFloat64 } from './float64Int8.ts'
import { Float32Rows, Int8Rows } from './inputRows.ts'
import { EVERY_ROW_RIGHT } from './matmulShape.ts'
import { wrongRowMersenne61 } from './mersenne61Int8.ts'
import type { RandomWords } from './secretRandom.ts'
import { wrongRowWrapped } from './wrappedInt8.ts'

/** Largest k whose sums of int8 products stay inside i32: 16384 * 131071 < 2^31. Beyond it c is modulo 2^32. */
export const LARGEST_UNWRAPPED_K = 131071

/** Results up to this many bytes are copied to aligned memory that is there already, instead of a new view. */
const COPIED_BYTES = 4096

export const ACCEPTED: CheckOutcome = Object.freeze({ ok: true, verdict: 'freivalds' })

const aInt8 = new Int8Rows()
const bInt8 = new Int8Rows()
const aFloat32 = new Float32Rows()
const bFloat32 = new Float32Rows()
const copied = new ArrayBuffer(COPIED_BYTES)
const copiedBytes = new Uint8Array(copied)
const copiedInt32 = new Int32Array(copied)
const copiedFloat32 = new Float32Array(copied)

/**
 * Checks the result `c` of a matmul kernel by Freivalds with a secret vector drawn for this check alone. The form of
 * `c` (i32[m, n] or f32[m, n], bytes to match) must have been checked before. Synchronous; allocates next to nothing for
 * small products. A wrong row is computed again from the inputs, so that the sentence names an element.
 */
export function checkMatmul(task: KernelTask, c: Tensor, random: RandomWords): CheckOutcome {
  switch (task.kernel) {
    case 'matmul-i8':
      return checkInt8(task, c, random)
    case 'matmul-f32':
      return checkFloat32(task, c, random)
    default:
      return task.kernel satisfies never
  }
}

function checkInt8(task: KernelTask, c: Tensor, random: RandomWords): CheckOutcome {
  const { shape } = task
  if (task.seed === null) {
    aInt8.openTensor(inputOf(task, 0), shape.k)
    bInt8.openTensor(inputOf(task, 1), shape.n)
  } else {
    aInt8.openSeed(task.seed, 0, shape.k)
    bInt8.openSeed(task.seed, 1, shape.n)
  }
  const claimed = int32Of(c)
  let row: number
  if (shape.k > LARGEST_UNWRAPPED_K) row = wrongRowWrapped(aInt8, bInt8, claimed, shape, random)
  else if (shape.k * shape.n <= FLOAT64_LIMIT) row = wrongRowFloat64(aInt8, bInt8, claimed, shape, random)
  else row = wrongRowMersenne61(aInt8, bInt8, claimed, shape, random)
  const reason = row === EVERY_ROW_RIGHT ? null : describeInt8Row(aInt8, bInt8, claimed, shape, row)
  aInt8.close()
  bInt8.close()
  return reason === null ? ACCEPTED : { ok: false, reason }
}

function checkFloat32(task: KernelTask, c: Tensor, random: RandomWords): CheckOutcome {
  const { shape } = task
  if (task.seed === null) {
    aFloat32.openTensor(inputOf(task, 0), shape.k)
    bFloat32.openTensor(inputOf(task, 1), shape.n)
  } else {
    aFloat32.openSeed(task.seed, 0, shape.k)
    bFloat32.openSeed(task.seed, 1, shape.n)
  }
  const claimed = float32Of(c)
  const row = wrongRowFloat32(aFloat32, bFloat32, claimed, shape, random)
  const reason = row === EVERY_ROW_RIGHT ? null : describeFloat32Row(aFloat32, bFloat32, claimed, shape, row)
  aFloat32.close()
  bFloat32.close()
  return reason === null ? ACCEPTED : { ok: false, reason }
}

function inputOf(task: KernelTask, index: number): Tensor {
  const tensor = task.inputs[index]
  if (tensor === undefined) {
    throw new OpentabError('internal', `A ${task.kernel} task has neither a seed nor input ${index}.`)
  }
  return tensor
}

function int32Of({ bytes }: Tensor): Int32Array {
  if (bytes.byteLength <= COPIED_BYTES) {
    for (let i = 0; i < bytes.byteLength; i++) copiedBytes[i] = bytes[i]!
    return copiedInt32
  }
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
  return new Int32Array(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / 4)
}

function float32Of({ bytes }: Tensor): Float32Array {
  if (bytes.byteLength <= COPIED_BYTES) {
    for (let i = 0; i < bytes.byteLength; i++) copiedBytes[i] = bytes[i]!
    return copiedFloat32
  }
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
  return new Float32Array(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / 4)
}
