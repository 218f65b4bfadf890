import { HASH_BYTES, nodeHash, type Sha256, sameBytes } from './merkleHashes.ts'

const isSize = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
const half = (value: number): number => Math.floor(value / 2)
const isOdd = (value: number): boolean => value % 2 === 1

/**
 * The root that an inclusion proof leads to, or null when the proof has the wrong length for `index` and `size`.
 * `path` runs from the leaf's sibling upwards. RFC 9162 section 2.1.3.2.
 */
export async function rootOfInclusion(
  sha256: Sha256,
  index: number,
  size: number,
  leaf: Uint8Array,
  path: readonly Uint8Array[],
): Promise<Uint8Array | null> {
  if (!isSize(index) || !isSize(size) || index >= size || leaf.length !== HASH_BYTES) return null
  let node = index
  let last = size - 1
  let root = leaf
  for (const sibling of path) {
    if (last === 0 || sibling.length !== HASH_BYTES) return null
    if (isOdd(node) || node === last) {
      root = await nodeHash(sha256, sibling, root)
      // A node without a right sibling stands for its parent, up to the level where it is a right child.
      while (!isOdd(node) && node !== 0) {
        node = half(node)
        last = half(last)
      }
    } else {
      root = await nodeHash(sha256, root, sibling)
    }
    node = half(node)
    last = half(last)
  }
  return last === 0 ? root : null
}

/**
 * Whether the tree of `newSize` with `newRoot` begins with the tree of `oldSize` with `oldRoot`.
 * RFC 9162 section 2.1.4.2; a tree of size 0 is the beginning of every tree, with an empty proof.
 */
export async function verifyConsistency(
  sha256: Sha256,
  older: { size: number; root: Uint8Array },
  newer: { size: number; root: Uint8Array },
  proof: readonly Uint8Array[],
): Promise<boolean> {
  if (!isSize(older.size) || !isSize(newer.size) || older.size > newer.size) return false
  if (proof.some((hash) => hash.length !== HASH_BYTES)) return false
  if (older.size === newer.size) return proof.length === 0 && sameBytes(older.root, newer.root)
  if (older.size === 0) return proof.length === 0 && sameBytes(older.root, await sha256(new Uint8Array(0)))

  let node = older.size - 1
  let last = newer.size - 1
  while (isOdd(node)) {
    node = half(node)
    last = half(last)
  }
  // A complete old tree (a power of two) is itself the first node: the proof leaves it out.
  const [first, ...rest] = node === 0 ? [older.root, ...proof] : proof
  if (first === undefined) return false
  let oldRoot = first
  let newRoot = first
  for (const hash of rest) {
    if (last === 0) return false
    if (isOdd(node) || node === last) {
      oldRoot = await nodeHash(sha256, hash, oldRoot)
      newRoot = await nodeHash(sha256, hash, newRoot)
      while (!isOdd(node) && node !== 0) {
        node = half(node)
        last = half(last)
      }
    } else {
      newRoot = await nodeHash(sha256, newRoot, hash)
    }
    node = half(node)
    last = half(last)
  }
  return last === 0 && sameBytes(oldRoot, older.root) && sameBytes(newRoot, newer.root)
}
