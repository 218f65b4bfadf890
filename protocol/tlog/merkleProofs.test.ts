import { createHash, webcrypto } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { emptyRoot, leafHash, type Sha256 } from './merkleHashes.ts'
import { rootOfInclusion, verifyConsistency } from './merkleProofs.ts'
import { ReferenceTree } from './referenceTree.ts'

const hash = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())
const hex = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString('hex')

/** Entries and roots that the implementations of Certificate Transparency are tested with. */
const entries = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((text) => new Uint8Array(Buffer.from(text, 'hex')))
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
const small = new ReferenceTree(entries, hash)

const large = new ReferenceTree(
  Array.from({ length: 600 }, (_, i) => new TextEncoder().encode(`entry ${i}`)),
  hash,
)
/** First, last and some in between; all of them where the tree is small. */
const some = (end: number): number[] =>
  end <= 40
    ? Array.from({ length: end }, (_, i) => i)
    : [...new Set([0, 1, end >> 1, (end * 7) % (end - 1), 255, 256, end - 2, end - 1])].filter((i) => i < end)

describe.each<[string, Sha256]>([
  ['Node', hash],
  ['WebCrypto', async (input) => new Uint8Array(await webcrypto.subtle.digest('SHA-256', input))],
])('proofs with the hash of %s', (_, sha256) => {
  test('the published roots come out of every entry’s path', async () => {
    expect(hex(await emptyRoot(sha256))).toBe(roots[0])
    for (let size = 1; size <= 8; size++) {
      for (let index = 0; index < size; index++) {
        const leaf = await leafHash(sha256, entries[index]!)
        const root = await rootOfInclusion(sha256, index, size, leaf, small.path(index, 0, size))
        expect(hex(root), `${index} of ${size}`).toBe(roots[size])
      }
    }
  })

  test('every published root continues every smaller one', async () => {
    for (let size = 0; size <= 8; size++) {
      for (let old = 0; old <= size; old++) {
        const older = { size: old, root: bytes(roots[old]!) }
        const newer = { size, root: bytes(roots[size]!) }
        expect(
          await verifyConsistency(sha256, older, newer, small.proof(old, size)),
          `${old} to ${size}`,
        ).toBe(true)
      }
    }
  })
})

test('an entry’s path holds for its index, its size, its hash and its hashes only', async () => {
  for (const [index, size] of [
    [0, 1],
    [0, 2],
    [3, 5],
    [4, 5],
    [6, 7],
    [5, 8],
    [599, 600],
    [511, 600],
  ] as const) {
    const leaf = large.hash(index, index + 1)
    const path = large.path(index, 0, size)
    const root = hex(large.hash(0, size))
    const rootOf = async (
      ...[i, n, l, p]: [number, number, Uint8Array, Uint8Array[]]
    ): Promise<string | null> => hex(await rootOfInclusion(hash, i, n, l, p))
    expect(await rootOf(index, size, leaf, path)).toBe(root)
    expect(await rootOf(index, size, leaf, [...path, leaf])).toBeNull()
    expect(await rootOf(index, size * 2 + 1, leaf, path)).toBeNull()
    expect(await rootOf(index, size, leaf, path.slice(0, -1))).toBe(path.length === 0 ? root : null)
    expect(await rootOf(index, size, hash(leaf), path)).not.toBe(root)
    expect(await rootOf(index, size, leaf.slice(1), path)).toBeNull()
    for (const other of [-1, 0.5, size, Number.NaN]) expect(await rootOf(other, size, leaf, path)).toBeNull()
    for (const level of path.keys()) {
      expect(await rootOf(index, size, leaf, path.toSpliced(level, 1))).not.toBe(root)
      expect(await rootOf(index, size, leaf, path.with(level, hash(path[level]!)))).not.toBe(root)
      expect(await rootOf(index, size, leaf, path.with(level, path[level]!.slice(1)))).toBeNull()
    }
    for (let other = 0; size <= 8 && other < size; other++) {
      if (other !== index)
        expect(await rootOf(other, size, leaf, path), `${index} as ${other}`).not.toBe(root)
    }
  }
})

test('a proof between two trees holds for these trees only', async () => {
  for (const [old, size] of [
    [1, 2],
    [1, 8],
    [3, 7],
    [4, 7],
    [6, 8],
    [256, 600],
    [511, 513],
  ] as const) {
    const older = { size: old, root: large.hash(0, old) }
    const newer = { size, root: large.hash(0, size) }
    const proof = large.proof(old, size)
    const holds = verifyConsistency.bind(null, hash)
    expect(await holds(older, newer, proof)).toBe(true)
    expect(await holds({ ...older, root: hash(older.root) }, newer, proof)).toBe(false)
    expect(await holds(older, { ...newer, root: hash(newer.root) }, proof)).toBe(false)
    expect(await holds(newer, older, proof)).toBe(false)
    expect(await holds(older, { ...newer, size: size * 2 + 1 }, proof)).toBe(false)
    expect(await holds(older, newer, [])).toBe(false)
    expect(await holds(older, newer, [...proof, older.root])).toBe(false)
    expect(await holds({ ...older, size: old + 0.5 }, newer, proof)).toBe(false)
    for (const level of proof.keys()) {
      expect(await holds(older, newer, proof.with(level, hash(proof[level]!)))).toBe(false)
      expect(await holds(older, newer, proof.with(level, proof[level]!.slice(1)))).toBe(false)
      expect(await holds(older, newer, proof.toSpliced(level, 1))).toBe(false)
    }
  }
  const empty = { size: 0, root: bytes(roots[0]!) }
  const one = { size: 1, root: bytes(roots[1]!) }
  expect(await verifyConsistency(hash, { ...empty, root: one.root }, one, [])).toBe(false)
  expect(await verifyConsistency(hash, empty, one, [one.root])).toBe(false)
  expect(await verifyConsistency(hash, one, { ...one, root: empty.root }, [])).toBe(false)
})

test('paths and proofs of trees of 0 to 600 entries hold', async () => {
  for (let size = 0; size <= 600; size++) {
    const newer = { size, root: large.hash(0, size) }
    for (const index of some(size)) {
      const root = await rootOfInclusion(
        hash,
        index,
        size,
        large.hash(index, index + 1),
        large.path(index, 0, size),
      )
      if (hex(root) !== hex(newer.root)) expect.fail(`the path of ${index} in ${size}`)
      const older = { size: index, root: large.hash(0, index) }
      if (!(await verifyConsistency(hash, older, newer, large.proof(index, size))))
        expect.fail(`from ${index} to ${size}`)
    }
  }
})
