import { hash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ReferenceTree } from '../../../protocol/tlog/referenceTree.ts'
import { FixtureLog } from './fixtureLog.ts'
import { LogTree } from './logTree.ts'
import { TILE_WIDTH } from './treeHash.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer')
const hex = (hashes: readonly Uint8Array[]): string[] => hashes.map((one) => Buffer.from(one).toString('hex'))
const entry = (i: number): string => `entry ${i}`
const reference = (size: number): ReferenceTree =>
  new ReferenceTree(
    Array.from({ length: size }, (_, i) => Buffer.from(entry(i))),
    sha256,
  )

/** A log of `size` entries in commits of the given sizes, in turn. */
function logOf(size: number, ...commits: number[]): FixtureLog {
  const log = new FixtureLog()
  for (let turn = 0; log.writer.size < size; turn++) {
    const first = log.writer.size
    const count = Math.min(commits[turn % commits.length]!, size - first)
    log.append(...Array.from({ length: count }, (_, i) => entry(first + i)))
  }
  return log
}

test('the known roots of 0 to 8 entries come out', () => {
  const log = new FixtureLog()
  const leaves = [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ]
  const roots = [log.writer.root().toString('hex')]
  for (const leaf of leaves) {
    log.append(Buffer.from(leaf, 'hex'))
    roots.push(log.writer.root().toString('hex'))
  }
  expect(roots).toEqual([
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ])
})

test('what lies outside the log is refused by name', () => {
  const { tree } = logOf(10, 3).writer
  for (const ask of [
    () => tree.inclusionProof(10, 10),
    () => tree.inclusionProof(-1, 10),
    () => tree.inclusionProof(0.5, 10),
    () => tree.inclusionProof(0, 0),
    () => tree.inclusionProof(0, 11),
    () => tree.consistencyProof(5, 11),
    () => tree.consistencyProof(6, 5),
    () => tree.consistencyProof(-1, 5),
    () => tree.rootAt(11),
  ]) {
    expect(ask).toThrow(/it can be from 0 to/)
  }
})

test('a store that lacks entries is reported, not papered over', () => {
  const log = logOf(600, 7)
  log.blocks.splice(84, 1)
  expect(() => log.reopen()).toThrow(/lacks entries of bundle 2/)
})

test('with 0 to 600 entries, root, paths and proofs are those of the text of RFC 6962', () => {
  const log = new FixtureLog()
  const plain = reference(600)
  for (let size = 0; size <= 600; size++) {
    const { tree } = log.writer
    expect(log.writer.root().equals(plain.hash(0, size)), `root of ${size}`).toBe(true)
    for (const index of new Set([0, size >> 1, size - 2, size - 1, (size * 31) % (size + 1), 255, 256])) {
      if (index < 0 || index >= size) continue
      expect(hex(tree.inclusionProof(index, size)), `${index} of ${size}`).toEqual(
        hex(plain.path(index, 0, size)),
      )
      expect(hex(tree.consistencyProof(index, size)), `${index} to ${size}`).toEqual(
        hex(plain.proof(index, size)),
      )
    }
    log.append(entry(size))
  }
})

test('proofs for every earlier size of a log are those of that size', () => {
  const log = logOf(600, 64)
  const plain = reference(600)
  for (let size = 1; size <= 600; size += 13) {
    expect(log.writer.tree.rootAt(size).equals(plain.hash(0, size)), `root of ${size}`).toBe(true)
    const index = (size * 17) % size
    expect(hex(log.writer.tree.inclusionProof(index, size))).toEqual(hex(plain.path(index, 0, size)))
    expect(hex(log.writer.tree.consistencyProof(size, 600))).toEqual(hex(plain.proof(size, 600)))
  }
})

describe('a restart', () => {
  test('at any size goes on with the same tree, however the entries were committed', () => {
    for (const size of [0, 1, 2, 255, 256, 257, 511, 512, 513, 600]) {
      for (const commits of [[1], [64], [255, 2], [600]]) {
        const log = logOf(size, ...commits)
        const before = log.writer.root()
        log.reopen()
        expect(log.writer.size).toBe(size)
        expect(log.writer.root().equals(before), `${size} in commits of ${commits}`).toBe(true)
        log.append('one', 'more')
        const whole = logOf(size, 600)
        whole.append('one', 'more')
        expect(log.writer.root().equals(whole.writer.root()), `${size} and 2 more`).toBe(true)
        expect([...log.tiles.keys()]).toEqual([...whole.tiles.keys()])
      }
    }
  })

  test('of a log with three levels of tiles restores all of them from full tiles alone', () => {
    const size = TILE_WIDTH * TILE_WIDTH + 3 * TILE_WIDTH + 5
    const log = logOf(size, 4999)
    expect(log.tiles.has('1/0')).toBe(true)
    expect(log.tiles.has('1/1')).toBe(false)
    const before = log.writer.root()
    const path = hex(log.writer.tree.inclusionProof(70, size))
    expect(log.reopen().root().equals(before)).toBe(true)
    expect(hex(log.writer.tree.inclusionProof(70, size))).toEqual(path)
    expect(hex(new LogTree(log).inclusionProof(70, size))).toEqual(path)
    expect(Buffer.from(log.writer.tree.tile(1, 1, 3))).toEqual(Buffer.from(new LogTree(log).tile(1, 1, 3)))
    expect(log.writer.tree.tile(2, 0, 1)).toHaveLength(32)
  })
})
