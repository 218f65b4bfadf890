import { describe, expect, it } from 'vitest'
import { pcg, seededFloat32, seededInt8 } from './seededInputs.ts'

/** The formula once more, over unbounded integers cut to 32 bits where the definition says u32. */
function pcgByDefinition(x: bigint): bigint {
  const u32 = (value: bigint) => value & 0xffffffffn
  const s = u32(x * 747796405n + 2891336453n)
  const w = u32(((s >> ((s >> 28n) + 4n)) ^ s) * 277803737n)
  return (w >> 22n) ^ w
}

/** h of element t of input i. */
const hash = (seed: bigint, i: bigint, t: bigint): bigint => {
  const base = pcgByDefinition((i + pcgByDefinition(seed)) & 0xffffffffn)
  return pcgByDefinition((t + base) & 0xffffffffn)
}

const seeds = [0, 1, 42, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff]

describe('seeded inputs', () => {
  it('have the known values of pcg', () => {
    // Worked by hand for 0: s = 2891336453, s >> 28 = 10, w = ((s >> 14) ^ s) * 277803737 mod 2^32.
    const s = 2891336453n
    const w = (((s >> 14n) ^ s) * 277803737n) % 2n ** 32n
    expect(BigInt(pcg(0))).toBe((w >> 22n) ^ w)
    expect(pcg(0)).toBe(129708002)
  })

  it('follow the definition of pcg at the edges of u32 and between', () => {
    for (let x = 0n; x < 2n ** 32n; x += 0x0123_4567n) expect(BigInt(pcg(Number(x)))).toBe(pcgByDefinition(x))
    for (const x of seeds) expect(BigInt(pcg(x))).toBe(pcgByDefinition(BigInt(x)))
  })

  it('are signed top bytes for i8', () => {
    for (const seed of seeds) {
      for (const i of [0, 1]) {
        const expected = Array.from({ length: 300 }, (_, t) => {
          return Number(BigInt.asIntN(8, hash(BigInt(seed), BigInt(i), BigInt(t)) >> 24n))
        })
        expect([...seededInt8(seed, i, 300)]).toEqual(expected)
      }
    }
  })

  it('are (h >> 8) * 2^-23 - 1 for f32, without rounding', () => {
    for (const seed of seeds) {
      for (const i of [0, 1]) {
        const expected = Array.from({ length: 300 }, (_, t) => {
          return Number(hash(BigInt(seed), BigInt(i), BigInt(t)) >> 8n) / 2 ** 23 - 1
        })
        expect([...seededFloat32(seed, i, 300)]).toEqual(expected)
      }
    }
  })

  it('hold every i8 and stay in [-1, 1) for f32', () => {
    expect(new Set(seededInt8(3, 0, 10_000)).size).toBe(256)
    for (const value of seededFloat32(3, 0, 10_000)) expect(value >= -1 && value < 1).toBe(true)
  })

  it('are empty for a count of 0', () => {
    expect(seededInt8(1, 0, 0)).toHaveLength(0)
    expect(seededFloat32(1, 0, 0)).toHaveLength(0)
  })
})
