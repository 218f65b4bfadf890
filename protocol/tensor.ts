import { OpentabError } from './errors.ts'

/**
 * Datatypes of the Open Inference Protocol. The number is the code on the wire; `bytes` is the size of one element
 * (0: BYTES, whose elements are strings, each behind a little-endian u32 length).
 */
export const datatypes = {
  BOOL: { code: 1, bytes: 1 },
  UINT8: { code: 2, bytes: 1 },
  UINT16: { code: 3, bytes: 2 },
  UINT32: { code: 4, bytes: 4 },
  UINT64: { code: 5, bytes: 8 },
  INT8: { code: 6, bytes: 1 },
  INT16: { code: 7, bytes: 2 },
  INT32: { code: 8, bytes: 4 },
  INT64: { code: 9, bytes: 8 },
  FP16: { code: 10, bytes: 2 },
  FP32: { code: 11, bytes: 4 },
  FP64: { code: 12, bytes: 8 },
  BYTES: { code: 13, bytes: 0 },
} as const

export type Datatype = keyof typeof datatypes

const byCode = new Map<number, Datatype>(
  Object.entries(datatypes).map(([name, { code }]) => [code, name as Datatype]),
)
export const datatypeOfCode = (code: number): Datatype | undefined => byCode.get(code)

/** A named tensor as it travels: row-major, little-endian bytes. */
export interface Tensor {
  name: string
  datatype: Datatype
  /** Sizes of the dimensions, outermost first; [] is a scalar. */
  shape: readonly number[]
  /** `elementCount(shape) * datatypes[datatype].bytes` bytes, or the length-prefixed strings of BYTES. */
  bytes: Uint8Array
}

/** Number of elements; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  let count = 1
  for (const size of shape) count *= size
  return count
}

/**
 * @param param what the error names as wrong
 * @throws OpentabError `invalid_value` when the bytes do not fit datatype and shape
 */
export function checkTensor(tensor: Tensor, param = tensor.name): void {
  const size = datatypes[tensor.datatype].bytes
  for (const dimension of tensor.shape) {
    if (!Number.isSafeInteger(dimension) || dimension < 0) {
      throw new OpentabError('invalid_value', `Tensor ${tensor.name} has the dimension ${dimension}.`, {
        param,
        fix: 'Dimensions are integers from 0 up.',
      })
    }
  }
  if (size === 0) return
  const expected = elementCount(tensor.shape) * size
  if (tensor.bytes.byteLength !== expected) {
    throw new OpentabError(
      'invalid_value',
      `Tensor ${tensor.name} of ${tensor.datatype}[${tensor.shape.join(',')}] needs ${expected} bytes and has ${tensor.bytes.byteLength}.`,
      { param, fix: 'Make shape and data agree.' },
    )
  }
}

type ArrayOf = {
  BOOL: Uint8Array
  UINT8: Uint8Array
  UINT16: Uint16Array
  UINT32: Uint32Array
  UINT64: BigUint64Array
  INT8: Int8Array
  INT16: Int16Array
  INT32: Int32Array
  INT64: BigInt64Array
  FP16: Uint16Array
  FP32: Float32Array
  FP64: Float64Array
}

const constructors = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const

/** The tensor's elements as a typed array; a view where alignment allows, else a copy. FP16 comes as raw u16 bits. */
export function elementsOf<D extends keyof ArrayOf>(tensor: Tensor & { datatype: D }): ArrayOf[D]
export function elementsOf(tensor: Tensor): ArrayOf[keyof ArrayOf]
export function elementsOf(tensor: Tensor): ArrayOf[keyof ArrayOf] {
  if (tensor.datatype === 'BYTES') {
    throw new OpentabError('invalid_value', `Tensor ${tensor.name} holds strings, not numbers.`, {
      param: tensor.name,
    })
  }
  const Constructor = constructors[tensor.datatype]
  const { bytes } = tensor
  // Not `slice`: that of a Node buffer copies nothing.
  const aligned = bytes.byteOffset % Constructor.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes)
  return new Constructor(
    aligned.buffer as ArrayBuffer,
    aligned.byteOffset,
    aligned.byteLength / Constructor.BYTES_PER_ELEMENT,
  )
}

/** A tensor over the memory of a typed array (no copy). */
export function tensorOf(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  elements: ArrayBufferView,
): Tensor {
  return {
    name,
    datatype,
    shape,
    bytes: new Uint8Array(elements.buffer as ArrayBuffer, elements.byteOffset, elements.byteLength),
  }
}
