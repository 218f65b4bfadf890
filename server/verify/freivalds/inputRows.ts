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
    fillInt8(this.elements, (this.#base + row * width) | 0, width)
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
    fillFloat32(this.elements, (this.#base + row * width) | 0, width)
  }

  close(): void {
    this.elements = empty32
  }
}

/**
 * pcg of `first`, `first + 1`, ... as in protocol/seededInputs.ts, written in signed words only, which is what the
 * compiler keeps in integer registers: a step of the counter is one addition, and a large check is mostly this loop.
 */
const MULTIPLIER = 747796405
const INCREMENT = 2891336453 | 0
const OUTPUT_MULTIPLIER = 277803737

function fillInt8(into: Int8Array, first: number, count: number): void {
  let s = (Math.imul(first, MULTIPLIER) + INCREMENT) | 0
  for (let j = 0; j < count; j++) {
    // The last xor with w >>> 22 leaves the top byte as it is.
    into[j] = Math.imul((s >>> ((s >>> 28) + 4)) ^ s, OUTPUT_MULTIPLIER) >> 24
    s = (s + MULTIPLIER) | 0
  }
}

function fillFloat32(into: Float32Array, first: number, count: number): void {
  let s = (Math.imul(first, MULTIPLIER) + INCREMENT) | 0
  for (let j = 0; j < count; j++) {
    const w = Math.imul((s >>> ((s >>> 28) + 4)) ^ s, OUTPUT_MULTIPLIER)
    into[j] = (((w >>> 22) ^ w) >>> 8) * 2 ** -23 - 1
    s = (s + MULTIPLIER) | 0
  }
}
