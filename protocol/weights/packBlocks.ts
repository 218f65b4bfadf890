import { blockFormats, packedBytes, type WeightFormat } from './blockFormats.ts'
import { floatToBrain, floatToHalf } from './halfFloat.ts'
import { refuseWeights } from './refuseWeights.ts'

/** The formats that Opentab can pack; the others are only read. */
export type PackFormat = Extract<WeightFormat, 'q8_0' | 'q4_0' | 'q4_1' | 'f16' | 'f32' | 'bf16'>

const f32 = Math.fround

/**
 * f32 values in a packed format, bit for bit what llama.cpp's reference quantiser gives (quantize_row_*_ref in
 * ggml-quants.c, every operation in f32).
 * @param values f32[whole blocks]
 * @returns u8[blocks * blockBytes]
 * @throws OpentabError `model_refused` when the count is not a whole number of blocks, or when a value cannot be
 * held: NaN or infinity in a block, a finite value past the largest half
 */
export function packBlocks(format: PackFormat, values: Float32Array): Uint8Array {
  const packed = new Uint8Array(packedBytes(format, values.length))
  switch (format) {
    case 'f32':
      packed.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
      break
    case 'f16':
      for (let i = 0; i < values.length; i++) putHalf(packed, 2 * i, values[i]!)
      break
    case 'bf16':
      for (let i = 0; i < values.length; i++) put16(packed, 2 * i, floatToBrain(values[i]!))
      break
    case 'q8_0':
    case 'q4_0':
    case 'q4_1': {
      requireFinite(format, values)
      const { blockElements, blockBytes } = blockFormats[format]
      const packBlock = blockPackers[format]
      for (let from = 0, at = 0; from < values.length; from += blockElements, at += blockBytes) {
        packBlock(values, from, packed, at)
      }
      break
    }
    default:
      format satisfies never
  }
  return packed
}

type BlockPacker = (values: Float32Array, from: number, packed: Uint8Array, at: number) => void

const packQ8_0: BlockPacker = (values, from, packed, at) => {
  let largest = 0
  for (let j = 0; j < 32; j++) largest = Math.max(largest, Math.abs(values[from + j]!))
  const d = f32(largest / 127)
  const inverse = d === 0 ? 0 : f32(1 / d)
  putHalf(packed, at, d)
  for (let j = 0; j < 32; j++) {
    const scaled = f32(values[from + j]! * inverse)
    // roundf: halves away from zero, where Math.round takes them up.
    packed[at + 2 + j] = scaled < 0 ? -Math.floor(0.5 - scaled) : Math.floor(scaled + 0.5)
  }
}

const packQ4_0: BlockPacker = (values, from, packed, at) => {
  let largest = 0
  let extreme = 0
  for (let j = 0; j < 32; j++) {
    const value = values[from + j]!
    if (Math.abs(value) > largest) {
      largest = Math.abs(value)
      extreme = value
    }
  }
  const d = f32(extreme / -8)
  const inverse = d === 0 ? 0 : f32(1 / d)
  putHalf(packed, at, d)
  const code = (value: number) => Math.min(15, Math.trunc(f32(f32(value * inverse) + 8.5)))
  for (let j = 0; j < 16; j++) {
    packed[at + 2 + j] = code(values[from + j]!) | (code(values[from + 16 + j]!) << 4)
  }
}

const packQ4_1: BlockPacker = (values, from, packed, at) => {
  let least = values[from]!
  let most = values[from]!
  for (let j = 1; j < 32; j++) {
    const value = values[from + j]!
    if (value < least) least = value
    if (value > most) most = value
  }
  const d = f32(f32(most - least) / 15)
  const inverse = d === 0 ? 0 : f32(1 / d)
  putHalf(packed, at, d)
  putHalf(packed, at + 2, least)
  const code = (value: number) => Math.min(15, Math.trunc(f32(f32(f32(value - least) * inverse) + 0.5)))
  for (let j = 0; j < 16; j++) {
    packed[at + 4 + j] = code(values[from + j]!) | (code(values[from + 16 + j]!) << 4)
  }
}

const blockPackers = { q8_0: packQ8_0, q4_0: packQ4_0, q4_1: packQ4_1 }

function put16(packed: Uint8Array, at: number, bits: number): void {
  packed[at] = bits & 255
  packed[at + 1] = bits >> 8
}

function putHalf(packed: Uint8Array, at: number, value: number): void {
  const bits = floatToHalf(value)
  if ((bits & 0x7fff) === 0x7c00 && Number.isFinite(value)) {
    throw refuseWeights(
      `A weight or scale of ${value} is past 65504, the largest half.`,
      'Keep it as f32 or bf16.',
    )
  }
  put16(packed, at, bits)
}

function requireFinite(format: WeightFormat, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]!)) {
      throw refuseWeights(
        `Element ${i} is ${values[i]}, which ${format} cannot hold.`,
        'The source file is damaged; take another copy.',
      )
    }
  }
}
