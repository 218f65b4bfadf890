import { refuseWeights } from '../../../protocol/weights/refuseWeights.ts'
import { type GgufValueType, MAX_GGUF_HEADER_BYTES, MAX_TEXT_BYTES } from './ggufLayout.ts'

/** The header goes on past the bytes that were read so far: read more of the file and begin again. */
export class MoreHeaderNeeded extends Error {}

export type GgufScalar = number | bigint | boolean | string

/** Reads the little-endian fields of a GGUF header, one after the other, never past the file's end. */
export class HeaderCursor {
  at = 0
  /** What is being read, for messages. */
  reading = 'the header'
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #fileBytes: number
  readonly #what: string
  // A token may begin with U+FEFF, which is part of it.
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

  /** @param bytes the first bytes of a file of `fileBytes` */
  constructor(bytes: Uint8Array, fileBytes: number, what: string) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#fileBytes = fileBytes
    this.#what = what
  }

  /** Bytes of the file after the cursor. */
  get left(): number {
    return this.#fileBytes - this.at
  }

  /** Moves over `count` bytes and returns where they start. */
  #take(count: number): number {
    const from = this.at
    const to = from + count
    if (to > this.#fileBytes) {
      throw refuseWeights(
        `${this.#what} ends at byte ${this.#fileBytes} in the midst of ${this.reading}, which reaches to ${to}.`,
        'The file is cut off: fetch it again.',
      )
    }
    if (to > this.#bytes.length) {
      if (to > MAX_GGUF_HEADER_BYTES) {
        throw refuseWeights(`${this.#what} has a header of more than ${MAX_GGUF_HEADER_BYTES} bytes.`)
      }
      throw new MoreHeaderNeeded()
    }
    this.at = to
    return from
  }

  byte(): number {
    return this.#bytes[this.#take(1)]!
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true)
  }

  /** A u64 as number where it is exact, else as bigint. */
  u64(): number | bigint {
    return exact(this.#view.getBigUint64(this.#take(8), true))
  }

  /** A u64 that counts or measures something. */
  count(most: number, of: string): number {
    const value = this.u64()
    if (value > most) throw refuseWeights(`${this.#what} declares ${value} ${of}; at most ${most} are read.`)
    return Number(value)
  }

  text(most = MAX_TEXT_BYTES): string {
    const length = this.u64()
    if (length > most) {
      throw refuseWeights(
        `${this.#what} has a text of ${length} bytes in ${this.reading}; at most ${most} are read.`,
      )
    }
    const from = this.#take(Number(length))
    try {
      return this.#decoder.decode(this.#bytes.subarray(from, this.at))
    } catch {
      throw refuseWeights(`${this.#what} has a text in ${this.reading} that is not UTF-8.`)
    }
  }

  scalar(type: Exclude<GgufValueType, 'array'>): GgufScalar {
    switch (type) {
      case 'u8':
        return this.byte()
      case 'i8':
        return this.#view.getInt8(this.#take(1))
      case 'u16':
        return this.#view.getUint16(this.#take(2), true)
      case 'i16':
        return this.#view.getInt16(this.#take(2), true)
      case 'u32':
        return this.u32()
      case 'i32':
        return this.#view.getInt32(this.#take(4), true)
      case 'f32':
        return this.#view.getFloat32(this.#take(4), true)
      case 'f64':
        return this.#view.getFloat64(this.#take(8), true)
      case 'u64':
        return this.u64()
      case 'i64':
        return exact(this.#view.getBigInt64(this.#take(8), true))
      case 'bool': {
        const byte = this.byte()
        if (byte > 1)
          throw refuseWeights(`${this.#what} has ${byte} in ${this.reading}, which is a truth value.`)
        return byte === 1
      }
      case 'string':
        return this.text()
      default:
        return type satisfies never
    }
  }
}

const exact = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value
