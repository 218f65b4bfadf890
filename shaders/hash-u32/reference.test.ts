import { describe, expect, it } from 'vitest'
import { seededWords } from '../seededTensors.ts'
import { type Digest, hashU32Reference, leafCount, leafDigest, nodeDigest, rootDigest } from './reference.ts'

const words = (n: number) => seededWords(7, 0, n)

/** The tree by the definition of RFC 6962: split at the largest power of two below the number of leaves. */
function topBySplits(all: Uint32Array, first: number, count: number): Digest {
  if (count === 1) return leafDigest(all, first)
  const left = 2 ** Math.ceil(Math.log2(count) - 1)
  return nodeDigest(topBySplits(all, first, left), topBySplits(all, first + left, count - left))
}

describe('hash-u32', () => {
  it('mixes as pcg4d does over unbounded integers', () => {
    const u32 = (value: bigint) => BigInt.asUintN(32, value)
    const mix = (v: readonly bigint[]) => {
      let [x, y, z, w] = v.map((value) => u32(value * 1664525n + 1013904223n)) as [
        bigint,
        bigint,
        bigint,
        bigint,
      ]
      const round = () => {
        x = u32(x + y * w)
        y = u32(y + z * x)
        z = u32(z + x * y)
        w = u32(w + y * z)
      }
      round()
      ;[x, y, z, w] = [x ^ (x >> 16n), y ^ (y >> 16n), z ^ (z >> 16n), w ^ (w >> 16n)]
      round()
      return [x, y, z, w]
    }
    // A node and a leaf, from their definitions in digests.wgsl.
    const left = [1n, 2n, 3n, 0xffffffffn]
    const right = [0x80000000n, 7n, 0n, 5n]
    const xor = (a: readonly bigint[], b: readonly bigint[]) => a.map((value, at) => value ^ b[at]!)
    const node = mix(xor(mix(xor(left, [0x6e6f6465n, 0n, 0n, 0n])), right))
    const asDigest = (v: readonly bigint[]) => v.map(Number) as unknown as Digest
    expect(nodeDigest(asDigest(left), asDigest(right)).map((x) => x >>> 0)).toEqual(node.map(Number))
    let leaf = [0x6c656166n, 0n, 0n, 0n]
    for (let quad = 0; quad < 16; quad++)
      leaf = mix(xor(leaf, [...words(64).subarray(quad * 4, quad * 4 + 4)].map(BigInt)))
    expect(leafDigest(words(64), 0).map((x) => x >>> 0)).toEqual(leaf.map(Number))
  })

  it('has the shape of RFC 6962 for any number of leaves', () => {
    for (const n of [0, 1, 64, 65, 64 * 3, 64 * 5 + 1, 64 * 11, 64 * 16, 64 * 17]) {
      const top = topBySplits(words(n), 0, leafCount(n))
      expect([...hashU32Reference(words(n))]).toEqual([...Uint32Array.from(rootDigest(top, n))])
    }
  })

  it('tells lengths apart that differ by zeros alone', () => {
    const digests = [0, 1, 2, 63, 64, 65, 128].map((n) => hashU32Reference(new Uint32Array(n)).join())
    expect(new Set(digests).size).toBe(digests.length)
  })

  it('changes about half of its bits with any bit of the buffer', () => {
    const buffer = words(200)
    const digest = hashU32Reference(buffer)
    for (let bit = 0; bit < 200 * 32; bit += 97) {
      const changed = buffer.slice()
      changed[bit >> 5]! ^= 1 << (bit & 31)
      const other = hashU32Reference(changed)
      let flipped = 0
      for (let at = 0; at < 4; at++) {
        for (let rest = (digest[at]! ^ other[at]!) >>> 0; rest > 0; rest = Math.floor(rest / 2))
          flipped += rest & 1
      }
      // 64 of 128 with a standard deviation of 5.7.
      expect(flipped).toBeGreaterThan(64 - 6 * 5.7)
      expect(flipped).toBeLessThan(64 + 6 * 5.7)
    }
  })
})
