/**
 * IEEE 754 half precision without Float16Array, which not every browser has.
 * Widening is a table of 65,536 entries, because it happens once per block on the hot path.
 */

let floats: Float32Array | undefined
let bits: Uint32Array | undefined

function buildTable(): Uint32Array {
  const table = new Uint32Array(65_536)
  for (let half = 0; half < 65_536; half++) {
    const sign = (half & 0x8000) << 16
    const exponent = (half >> 10) & 31
    let mantissa = half & 0x3ff
    if (exponent === 31) table[half] = sign | 0x7f80_0000 | (mantissa << 13)
    else if (exponent > 0) table[half] = sign | ((exponent + 112) << 23) | (mantissa << 13)
    else if (mantissa === 0) table[half] = sign
    else {
      // A denormal half is a normal float: shift until the leading bit stands before the point.
      let shifted = 113
      while ((mantissa & 0x400) === 0) {
        mantissa <<= 1
        shifted--
      }
      table[half] = sign | (shifted << 23) | ((mantissa & 0x3ff) << 13)
    }
  }
  return table
}

/** The bits of the f32 that equals each half: table[half bits] = float bits. */
export function halfToFloatBits(): Uint32Array {
  bits ??= buildTable()
  return bits
}

/** The value of each half: table[half bits] = number. */
export function halfToFloat(): Float32Array {
  floats ??= new Float32Array(halfToFloatBits().buffer)
  return floats
}

const scratch = new Float32Array(1)
const scratchBits = new Uint32Array(scratch.buffer)

/** The half nearest to a value, ties to even; infinity past 65,519.99. NaN becomes a quiet NaN, as in ggml. */
export function floatToHalf(value: number): number {
  scratch[0] = value
  const float = scratchBits[0]!
  const sign = (float >>> 16) & 0x8000
  const magnitude = float & 0x7fff_ffff
  if (magnitude > 0x7f80_0000) return sign | 0x7e00
  // 65,520 is half way between the largest half and the next power: it and all above are infinity.
  if (magnitude >= 0x477f_f000) return sign | 0x7c00
  if (magnitude >= 0x3880_0000) {
    const lowest = (magnitude >>> 13) & 1
    return sign | ((magnitude - 0x3800_0000 + 0xfff + lowest) >>> 13)
  }
  // Denormal: units of 2^-24, an exact product; adding 2^23 makes f32 round it to an integer, ties to even.
  return sign | (Math.fround(Math.abs(scratch[0]) * 16_777_216 + 8_388_608) - 8_388_608)
}

/** The bfloat16 nearest to a value, ties to even; NaN stays a quiet NaN. Source: ggml_compute_fp32_to_bf16. */
export function floatToBrain(value: number): number {
  scratch[0] = value
  const float = scratchBits[0]!
  if ((float & 0x7fff_ffff) > 0x7f80_0000) return (float >>> 16) | 64
  return (float + 0x7fff + ((float >>> 16) & 1)) >>> 16
}
