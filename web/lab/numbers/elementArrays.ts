/// <reference lib="esnext.float16" />
import { type Datatype, datatypes, elementsOf, tensorOf } from '../../../protocol/tensor.ts'

/** Elements as numbers that a person can read; 64-bit integers lose what a double cannot hold. */
export type Numbers = ArrayLike<number> & Iterable<number>

/** The little-endian bytes of `count` elements. */
export function arrayOf(
  datatype: Datatype,
  count: number,
  element: (at: number) => number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count * datatypes[datatype].bytes)
  const view = new DataView(bytes.buffer)
  const write = writers[datatype]
  const step = datatypes[datatype].bytes
  for (let at = 0; at < count; at++) write(view, at * step, element(at))
  return bytes
}

const writers: Readonly<Record<Datatype, (view: DataView, at: number, value: number) => void>> = {
  BOOL: (view, at, value) => view.setUint8(at, value ? 1 : 0),
  UINT8: (view, at, value) => view.setUint8(at, value),
  UINT16: (view, at, value) => view.setUint16(at, value, true),
  UINT32: (view, at, value) => view.setUint32(at, value, true),
  UINT64: (view, at, value) => view.setBigUint64(at, BigInt(Math.trunc(value)), true),
  INT8: (view, at, value) => view.setInt8(at, value),
  INT16: (view, at, value) => view.setInt16(at, value, true),
  INT32: (view, at, value) => view.setInt32(at, value, true),
  INT64: (view, at, value) => view.setBigInt64(at, BigInt(Math.trunc(value)), true),
  FP16: (view, at, value) => view.setFloat16(at, value, true),
  FP32: (view, at, value) => view.setFloat32(at, value, true),
  FP64: (view, at, value) => view.setFloat64(at, value, true),
  BYTES: () => {},
}

/** The elements of little-endian bytes as numbers. */
export function numbersOf(datatype: Datatype, bytes: Uint8Array): Numbers {
  if (datatype === 'FP16') {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return Float32Array.from({ length: bytes.byteLength >> 1 }, (_, at) => view.getFloat16(at * 2, true))
  }
  const elements = elementsOf(tensorOf('', datatype, [], bytes))
  return elements instanceof BigInt64Array || elements instanceof BigUint64Array
    ? Float64Array.from(elements, Number)
    : elements
}
