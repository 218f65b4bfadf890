import { blockFormats } from '../../../protocol/weights/blockFormats.ts'
import type { WeightTensor } from '../../../protocol/weights/weightFile.ts'
import { DEFAULT_ALIGNMENT, GGUF_MAGIC, type GgufValueType, ggufValueTypes } from './ggufLayout.ts'

type ScalarType = Exclude<GgufValueType, 'array'>
type Scalar = string | number | bigint | boolean

/**
 * A metadata value. Plain ones get the type that llama.cpp writes: text, truth value, u32 or i32 for whole numbers,
 * f32 for others. A whole number that is meant as f32 (`llama.rope.freq_base`) needs its type named.
 */
export type GgufValue =
  | Scalar
  | readonly Scalar[]
  | { type: ScalarType; value: Scalar }
  | { type: ScalarType; values: readonly Scalar[] }

export interface GgufOptions {
  /** Bytes at whose multiples tensor data start; written as `general.alignment` when it is not 32. */
  alignment?: number
  version?: 2 | 3
}

/**
 * A GGUF file in memory: for tests and small models made here.
 * Nothing is checked, so that tests can write what must be refused.
 */
export function writeGguf(
  metadata: Iterable<readonly [string, GgufValue]>,
  tensors: readonly WeightTensor[],
  { alignment = DEFAULT_ALIGNMENT, version = 3 }: GgufOptions = {},
): Uint8Array<ArrayBuffer> {
  const pairs = [...metadata]
  if (alignment !== DEFAULT_ALIGNMENT) pairs.push(['general.alignment', alignment])
  const header = new ByteWriter()
  header.bytes(GGUF_MAGIC)
  header.scalar('u32', version)
  header.scalar('u64', tensors.length)
  header.scalar('u64', pairs.length)
  for (const [key, value] of pairs) {
    header.scalar('string', key)
    header.value(value)
  }
  let offset = 0
  for (const { name, format, shape, bytes } of tensors) {
    header.scalar('string', name)
    header.scalar('u32', shape.length)
    for (const size of [...shape].reverse()) header.scalar('u64', size)
    header.scalar('u32', blockFormats[format].ggufType)
    header.scalar('u64', offset)
    offset = align(offset + bytes.length, alignment)
  }
  let at = align(header.length, alignment)
  const file = new Uint8Array(at + offset)
  header.copyTo(file)
  for (const { bytes } of tensors) {
    file.set(bytes, at)
    at = align(at + bytes.length, alignment)
  }
  return file
}

const align = (bytes: number, alignment: number): number => Math.ceil(bytes / alignment) * alignment

const isList = (value: GgufValue): value is readonly Scalar[] => Array.isArray(value)

function typeOf(values: readonly Scalar[]): ScalarType {
  if (values.every((value) => typeof value === 'string')) return 'string'
  if (values.every((value) => typeof value === 'boolean')) return 'bool'
  if (values.every((value) => typeof value === 'bigint')) return 'u64'
  if (!values.every(Number.isInteger)) return 'f32'
  return values.every((value) => (value as number) >= 0) ? 'u32' : 'i32'
}

/** Little-endian bytes that grow. */
class ByteWriter {
  length = 0
  #bytes = new Uint8Array(4096)
  #view = new DataView(this.#bytes.buffer)

  copyTo(target: Uint8Array): void {
    target.set(this.#bytes.subarray(0, this.length))
  }

  value(value: GgufValue): void {
    if (typeof value !== 'object') this.#one(typeOf([value]), value)
    else if (isList(value)) this.#many(typeOf(value), value)
    else if ('values' in value) this.#many(value.type, value.values)
    else this.#one(value.type, value.value)
  }

  #one(type: ScalarType, value: Scalar): void {
    this.scalar('u32', ggufValueTypes.indexOf(type))
    this.scalar(type, value)
  }

  #many(type: ScalarType, values: readonly Scalar[]): void {
    this.scalar('u32', ggufValueTypes.indexOf('array'))
    this.scalar('u32', ggufValueTypes.indexOf(type))
    this.scalar('u64', values.length)
    for (const value of values) this.scalar(type, value)
  }

  bytes(bytes: ArrayLike<number>): void {
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  scalar(kind: ScalarType, value: Scalar): void {
    if (kind === 'string') {
      const text = new TextEncoder().encode(String(value))
      this.scalar('u64', text.length)
      this.bytes(text)
      return
    }
    this.#room(8)
    const at = this.length
    const number = Number(value)
    switch (kind) {
      case 'u8':
      case 'i8':
      case 'bool':
        this.#view.setUint8(at, number)
        this.length += 1
        break
      case 'u16':
      case 'i16':
        this.#view.setUint16(at, number, true)
        this.length += 2
        break
      case 'u32':
      case 'i32':
        this.#view.setUint32(at, number, true)
        this.length += 4
        break
      case 'f32':
        this.#view.setFloat32(at, number, true)
        this.length += 4
        break
      case 'f64':
        this.#view.setFloat64(at, number, true)
        this.length += 8
        break
      case 'u64':
      case 'i64':
        this.#view.setBigInt64(at, BigInt.asIntN(64, BigInt(value)), true)
        this.length += 8
        break
      default:
        kind satisfies never
    }
  }

  #room(count: number): void {
    if (this.length + count <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.length + count))
    grown.set(this.#bytes)
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}
