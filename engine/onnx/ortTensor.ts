import { OpentabError } from '../../protocol/errors.ts'
import { type Datatype, elementCount, elementsOf, type Tensor } from '../../protocol/tensor.ts'
import type { OrtRuntime, OrtTensor } from './ortRuntime.ts'

/** ONNX Runtime's name of each datatype of the protocol. */
const ortTypes = {
  BOOL: 'bool',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FP16: 'float16',
  FP32: 'float32',
  FP64: 'float64',
  BYTES: 'string',
} as const satisfies Record<Datatype, string>

const datatypesByOrtType = new Map<string, Datatype>(
  Object.entries(ortTypes).map(([datatype, ortType]) => [ortType, datatype as Datatype]),
)

/** The protocol's datatype for one of ONNX Runtime's; undefined for those that do not travel (int4, complex). */
export const datatypeOfOrt = (ortType: string): Datatype | undefined => datatypesByOrtType.get(ortType)

/**
 * The strings of a BYTES tensor: each element is UTF-8 behind a little-endian u32 byte length.
 * @throws OpentabError `invalid_value` when lengths and bytes do not agree or a string is not UTF-8
 */
export function decodeStrings(tensor: Tensor): string[] {
  const { bytes } = tensor
  const count = elementCount(tensor.shape)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const strings: string[] = []
  let at = 0
  const refuse = (why: string) =>
    new OpentabError(
      'invalid_value',
      `Tensor ${tensor.name}, string ${strings.length} of ${count}: ${why}.`,
      {
        param: tensor.name,
        fix: 'Each string is its UTF-8 bytes behind their number as a little-endian u32.',
      },
    )
  while (strings.length < count) {
    if (at + 4 > bytes.byteLength) throw refuse(`its length is missing at byte ${at} of ${bytes.byteLength}`)
    const length = view.getUint32(at, true)
    at += 4
    if (at + length > bytes.byteLength) {
      throw refuse(`${length} bytes from byte ${at} go past the end at ${bytes.byteLength}`)
    }
    try {
      strings.push(decoder.decode(bytes.subarray(at, at + length)))
    } catch {
      throw refuse('it is not UTF-8')
    }
    at += length
  }
  if (at !== bytes.byteLength) throw refuse(`${bytes.byteLength - at} bytes are left over`)
  return strings
}

/** Bytes of a BYTES tensor with these strings. */
export function encodeStrings(strings: readonly string[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder()
  const encoded = strings.map((text) => encoder.encode(text))
  const bytes = new Uint8Array(encoded.reduce((sum, each) => sum + 4 + each.byteLength, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const each of encoded) {
    view.setUint32(at, each.byteLength, true)
    bytes.set(each, at + 4)
    at += 4 + each.byteLength
  }
  return bytes
}

/** ONNX Runtime's tensor over the same memory; copied only where the bytes are not aligned to their elements. */
export function toOrtTensor(ort: OrtRuntime, tensor: Tensor): OrtTensor {
  const dims = [...tensor.shape]
  if (tensor.datatype === 'BYTES') return new ort.Tensor('string', decodeStrings(tensor), dims)
  return new ort.Tensor(ortTypes[tensor.datatype], elementsOf(tensor), dims)
}

/**
 * A tensor of the protocol over the memory of one of ONNX Runtime's that lies on the CPU (no copy).
 * @throws OpentabError `model_failed` for a type that the protocol does not have
 */
export function fromOrtTensor(name: string, tensor: OrtTensor): Tensor {
  const datatype = datatypeOfOrt(tensor.type)
  if (datatype === undefined) {
    throw new OpentabError('model_failed', `Output ${name} has the type ${tensor.type}, which cannot travel.`)
  }
  const { data } = tensor
  const shape = [...tensor.dims]
  if (Array.isArray(data)) return { name, datatype, shape, bytes: encodeStrings(data) }
  return { name, datatype, shape, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) }
}
