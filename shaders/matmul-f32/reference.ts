import type { KernelTask } from '../../protocol/task.ts'

/**
 * c = a * b with sums in f64. a: f32[m, k], b: f32[k, n] row-major; gives c: f64[m, n], not rounded to f32.
 * An empty sum (k = 0) is zero.
 */
export function matmulF32Reference(
  a: Float32Array,
  b: Float32Array,
  { m, k, n }: KernelTask['shape'],
): Float64Array<ArrayBuffer> {
  const c = new Float64Array(m * n)
  for (let row = 0; row < m; row++) {
    for (let t = 0; t < k; t++) {
      const factor = a[row * k + t]!
      const from = t * n
      const to = row * n
      for (let column = 0; column < n; column++) c[to + column]! += factor * b[from + column]!
    }
  }
  return c
}
