import type { KernelTask } from '../../protocol/task.ts'

/**
 * c = a * b by the definition. a: i8[m, k], b: i8[k, n] row-major; gives c: i32[m, n], every sum modulo 2^32.
 * An empty sum (k = 0) is zero.
 */
export function matmulI8Reference(
  a: Int8Array,
  b: Int8Array,
  { m, k, n }: KernelTask['shape'],
): Int32Array<ArrayBuffer> {
  const c = new Int32Array(m * n)
  for (let row = 0; row < m; row++) {
    for (let t = 0; t < k; t++) {
      const factor = a[row * k + t]!
      const from = t * n
      const to = row * n
      // A typed i32 element keeps the sum modulo 2^32, and no intermediate comes near 2^53.
      for (let column = 0; column < n; column++) c[to + column]! += factor * b[from + column]!
    }
  }
  return c
}
