import { pcg } from '../../../protocol/seededInputs.ts'
import { elementsOf, type Tensor } from '../../../protocol/tensor.ts'

const empty8 = new Int8Array(0)
const empty32 = new Float32Array(0)

/**
 * The rows of an i8[rows, width] input, one after the other: of a tensor without a copy, of a seed one row at a time
 * (element t is the top byte of pcg(t + pcg(input + pcg(seed))), protocol/seededInputs.ts). An instance can be opened
 * again and again, so that small checks allocate nothing but the views.
 */
export class Int8Rows {
  /** Where the selected row lies: `elements[offset .. offset + width]`. */
  elements: Int8Array = empty8
  offset = 0
  #width = 0
  #base = 0
  #seeded = false
  #row: Int8Array = empty8

  openTensor(tensor: Tensor, width: number): void {
    this.elements = new Int8Array(
      tensor.bytes.buffer as ArrayBuffer,
      tensor.bytes.byteOffset,
      tensor.bytes.byteLength,
    )
    this.#width = width
    this.#seeded = false
  }

  /** `input`: 0 = `a`, 1 = `b`. */
  openSeed(seed: number, input: number, width: number): void {
    if (this.#row.length < width) this.#row = new Int8Array(width)
    this.elements = this.#row
    this.offset = 0
    this.#width = width
    this.#base = pcg((input + pcg(seed >>> 0)) >>> 0)
    this.#seeded = true
  }

  select(row: number): void {
    const width = this.#width
    if (!this.#seeded) {
      this.offset = row * width
      return
    }
    const elements = this.elements
    // The counter is taken modulo 2^32, so it may be kept as a signed word.
    const first = (this.#base + row * width) | 0
    for (let j = 0; j < width; j++) elements[j] = pcg((first + j) >>> 0) >> 24
  }

  /** Lets go of the tensor, so that an idle checker keeps no result in memory. */
  close(): void {
    this.elements = empty8
  }
}

/** The rows of an f32[rows, width] input; seeded elements are (pcg(...) >> 8) * 2^-23 - 1. See Int8Rows. */
export class Float32Rows {
  elements: Float32Array = empty32
  offset = 0
  #width = 0
  #base = 0
  #seeded = false
  #row: Float32Array = empty32

  openTensor(tensor: Tensor, width: number): void {
    this.elements = elementsOf(tensor as Tensor & { datatype: 'FP32' })
    this.#width = width
    this.#seeded = false
  }

  openSeed(seed: number, input: number, width: number): void {
    if (this.#row.length < width) this.#row = new Float32Array(width)
    this.elements = this.#row
    this.offset = 0
    this.#width = width
    this.#base = pcg((input + pcg(seed >>> 0)) >>> 0)
    this.#seeded = true
  }

  select(row: number): void {
    const width = this.#width
    if (!this.#seeded) {
      this.offset = row * width
      return
    }
    const elements = this.elements
    const first = (this.#base + row * width) | 0
    for (let j = 0; j < width; j++) elements[j] = (pcg((first + j) >>> 0) >>> 8) * 2 ** -23 - 1
  }

  close(): void {
    this.elements = empty32
  }
}
