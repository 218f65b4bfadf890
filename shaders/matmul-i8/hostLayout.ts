import type { KernelTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'

/**
 * What arrange.wgsl does, on the CPU. a: i8[m, k] gives aQuads: u32[m, ceil(k/4)], b: i8[k, n] gives bQuads:
 * u32[ceil(k/4), n], as bytes: four neighbouring k in each word, low byte first, zero past k.
 */
export function matmulI8HostLayout(
  [a, b]: readonly Tensor[],
  { m, k, n }: KernelTask['shape'],
): ReadonlyMap<string, Uint8Array> {
  return new Map([
    ['aQuads', aQuadsOf(a!.bytes, m, k)],
    ['bQuads', bQuadsOf(b!.bytes, k, n)],
  ])
}

function aQuadsOf(a: Uint8Array, m: number, k: number): Uint8Array {
  // Whole quads lie in row-major order already.
  if (k % 4 === 0) return a
  const rowBytes = Math.ceil(k / 4) * 4
  const quads = new Uint8Array(m * rowBytes)
  for (let row = 0; row < m; row++) quads.set(a.subarray(row * k, row * k + k), row * rowBytes)
  return quads
}

function bQuadsOf(b: Uint8Array, k: number, n: number): Uint8Array {
  const rows = Math.ceil(k / 4)
  const whole = Math.floor(k / 4)
  const quads = new Uint8Array(rows * n * 4)
  let to = 0
  for (let row = 0; row < whole; row++) {
    const first = row * 4 * n
    for (let column = first; column < first + n; column++) {
      quads[to++] = b[column]!
      quads[to++] = b[column + n]!
      quads[to++] = b[column + 2 * n]!
      quads[to++] = b[column + 3 * n]!
    }
  }
  for (let t = whole * 4; t < k; t++) {
    for (let column = 0; column < n; column++) quads[to + column * 4 + (t % 4)] = b[t * n + column]!
  }
  return quads
}
