/// <reference lib="esnext.float16" />
import { type Datatype, datatypes, elementsOf, tensorOf } from '../../../protocol/tensor.ts'
import { isWide } from './wholeRange.ts'

/** Elements as numbers that a person can read; those of 64-bit integers are bigint, so that none loses a bit. */
export type Numbers = ArrayLike<number | bigint> & Iterable<number | bigint>

/** The little-endian bytes of `count` elements; a number in a datatype of whole numbers is cut to one. */
export function arrayOf(
  datatype: Datatype,
  count: number,
  element: (at: number) => number | bigint,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count * datatypes[datatype].bytes)
  const view = new DataView(bytes.buffer)
  const step = datatypes[datatype].bytes
  if (isWide(datatype)) {
    const write = wideWriters[datatype]
    for (let at = 0; at < count; at++) {
      const value = element(at)
      write(view, at * step, typeof value === 'bigint' ? value : BigInt(Math.trunc(value)))
    }
    return bytes
  }
  const write = writers[datatype]
  for (let at = 0; at < count; at++) write(view, at * step, Number(element(at)))
  return bytes
}

const wideWriters = {
  UINT64: (view: DataView, at: number, value: bigint) => view.setBigUint64(at, value, true),
  INT64: (view: DataView, at: number, value: bigint) => view.setBigInt64(at, value, true),
} as const

const writers: Readonly<
  Record<Exclude<Datatype, 'INT64' | 'UINT64'>, (view: DataView, at: number, value: number) => void>
> = {
  BOOL: (view, at, value) => view.setUint8(at, value ? 1 : 0),
  UINT8: (view, at, value) => view.setUint8(at, value),
  UINT16: (view, at, value) => view.setUint16(at, value, true),
  UINT32: (view, at, value) => view.setUint32(at, value, true),
  INT8: (view, at, value) => view.setInt8(at, value),
  INT16: (view, at, value) => view.setInt16(at, value, true),
  INT32: (view, at, value) => view.setInt32(at, value, true),
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
  return elementsOf(tensorOf('', datatype, [], bytes))
}
