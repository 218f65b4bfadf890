import { elementsOf, type Tensor } from '../../protocol/tensor.ts'
import type { Q4Form } from './q4Forms.ts'

/** A matrix W[n, k] of 4-bit blocks in f64: weight = scale * code + offset, codes from -8 to 7. */
export interface Q4Matrix {
  /** f64[n, k] */
  weights: Float64Array<ArrayBuffer>
  /** f64[n, k]: |scale * code| + |offset| of each weight, by which rounding is bounded. */
  magnitudes: Float64Array<ArrayBuffer>
  /** f64[n, k]: |scale| + |offset| of each weight, by which numbers flushed to zero are bounded. */
  factors: Float64Array<ArrayBuffer>
}

/** What `codes`, `scales` and the form's third tensor stand for. */
export function q4Matrix(
  form: Q4Form['program'],
  tensors: readonly Tensor[],
  { n, k }: { n: number; k: number },
): Q4Matrix {
  const [codes, scales, third] = tensors.map((tensor) => elementsOf(tensor) as Uint8Array | Float32Array)
  const blocks = Math.ceil(k / 32)
  const weights = new Float64Array(n * k)
  const magnitudes = new Float64Array(n * k)
  const factors = new Float64Array(n * k)
  for (let row = 0; row < n; row++) {
    for (let t = 0; t < k; t++) {
      const block = t >> 5
      const group = row * blocks + block
      const scale = scales![group]!
      const code = ((codes![group * 16 + ((t & 31) >> 1)]! >> (4 * (t & 1))) & 15) - 8
      const offset =
        form === 'offsets'
          ? third![group]!
          : scale * (8 - ((third![row * Math.ceil(blocks / 2) + (block >> 1)]! >> (4 * (block & 1))) & 15))
      weights[row * k + t] = scale * code + offset
      magnitudes[row * k + t] = Math.abs(scale * code) + Math.abs(offset)
      factors[row * k + t] = Math.abs(scale) + Math.abs(offset)
    }
  }
  return { weights, magnitudes, factors }
}

/** y f64[m, n] = x f32[m, k] times the rows of W f64[n, k], sums in f64. */
export function timesRows(
  x: ArrayLike<number>,
  weights: Float64Array,
  { m, n, k }: { m: number; n: number; k: number },
): Float64Array<ArrayBuffer> {
  const y = new Float64Array(m * n)
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < n; column++) {
      let sum = 0
      for (let t = 0; t < k; t++) sum += x[row * k + t]! * weights[column * k + t]!
      y[row * n + column] = sum
    }
  }
  return y
}
