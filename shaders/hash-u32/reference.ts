/** 128 bits as four u32. */
export type Digest = readonly [x: number, y: number, z: number, w: number]

/** pcg4d of Jarzynski and Olano, "Hash Functions for GPU Rendering" (2020). */
function mix([a, b, c, d]: Digest): Digest {
  const spread = (value: number) => Math.imul(value, 1664525) + 1013904223
  let [x, y, z, w] = [spread(a), spread(b), spread(c), spread(d)]
  const round = () => {
    x = (x + Math.imul(y, w)) >>> 0
    y = (y + Math.imul(z, x)) >>> 0
    z = (z + Math.imul(x, y)) >>> 0
    w = (w + Math.imul(y, z)) >>> 0
  }
  round()
  x ^= x >>> 16
  y ^= y >>> 16
  z ^= z >>> 16
  w ^= w >>> 16
  round()
  return [x, y, z, w]
}

const xor = (a: Digest, b: Digest): Digest => [a[0] ^ b[0], a[1] ^ b[1], a[2] ^ b[2], a[3] ^ b[3]]

const WORDS_OF_LEAF = 64
const LEAF: Digest = [0x6c656166, 0, 0, 0]
const NODE: Digest = [0x6e6f6465, 0, 0, 0]
const ROOT = 0x726f6f74

/** Leaves of a buffer of n words; one at least. */
export const leafCount = (n: number): number => Math.max(1, Math.ceil(n / WORDS_OF_LEAF))

/** The digest of leaf `index` of a buffer u32[n]; zeros past its end. */
export function leafDigest(words: Uint32Array, index: number): Digest {
  let digest = LEAF
  const start = index * WORDS_OF_LEAF
  for (let at = start; at < start + WORDS_OF_LEAF; at += 4) {
    const quad = [words[at] ?? 0, words[at + 1] ?? 0, words[at + 2] ?? 0, words[at + 3] ?? 0] as const
    digest = mix(xor(digest, quad))
  }
  return digest
}

/** The digest of two neighbouring subtrees. */
export const nodeDigest = (left: Digest, right: Digest): Digest => mix(xor(mix(xor(left, NODE)), right))

/** The digest of a buffer of n words whose tree has that top. */
export const rootDigest = (top: Digest, n: number): Digest => mix(xor(top, mix([ROOT, n >>> 0, 0, 0])))

/** hash-u32 of a buffer u32[n], by the definition in digests.wgsl. */
export function hashU32Reference(words: Uint32Array): Uint32Array<ArrayBuffer> {
  let level = Array.from({ length: leafCount(words.length) }, (_, index) => leafDigest(words, index))
  while (level.length > 1) {
    const above: Digest[] = []
    for (let at = 0; at < level.length; at += 2) {
      above.push(at + 1 < level.length ? nodeDigest(level[at]!, level[at + 1]!) : level[at]!)
    }
    level = above
  }
  return Uint32Array.from(rootDigest(level[0]!, words.length))
}
