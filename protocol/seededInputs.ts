/**
 * Seeded inputs: requester, tab and relay make the same tensors from a 32-bit seed, so that nothing has to travel.
 * The generator is the PCG output permutation of O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically
 * Good Algorithms for Random Number Generation" (2014), RXS-M-XS on 32 bits.
 */
export function pcg(x: number): number {
  const s = (Math.imul(x, 747796405) + 2891336453) >>> 0
  const w = Math.imul(((s >>> ((s >>> 28) + 4)) ^ s) >>> 0, 277803737) >>> 0
  return ((w >>> 22) ^ w) >>> 0
}

/** i8[count]: element t of input i is the top byte of pcg(t + pcg(i + pcg(seed))), signed. */
export function seededInt8(seed: number, input: number, count: number): Int8Array<ArrayBuffer> {
  const base = pcg((input + pcg(seed >>> 0)) >>> 0)
  const out = new Int8Array(count)
  for (let t = 0; t < count; t++) out[t] = pcg((t + base) >>> 0) >> 24
  return out
}

/** f32[count] in [-1, 1): element t of input i is (pcg(...) >> 8) * 2^-23 - 1. */
export function seededFloat32(seed: number, input: number, count: number): Float32Array<ArrayBuffer> {
  const base = pcg((input + pcg(seed >>> 0)) >>> 0)
  const out = new Float32Array(count)
  for (let t = 0; t < count; t++) out[t] = (pcg((t + base) >>> 0) >>> 8) * 2 ** -23 - 1
  return out
}
