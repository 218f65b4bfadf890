import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { FixtureLog } from './fixtureLog.ts'
import { entriesBundle, entryAt, tileBytes, tileResource } from './tiles.ts'

const log = new FixtureLog()
for (let i = 0; i < 700; i += 50) log.append(...Array.from({ length: 50 }, (_, j) => `entry ${i + j}`))
log.publish()
log.append('not published yet')
const { writer } = log

test('only what the published checkpoint covers is served', () => {
  for (const path of [
    'tile/0/000',
    'tile/0/001',
    'tile/0/002.p/188',
    'tile/1/000.p/2',
    'tile/entries/001',
    'tile/entries/002.p/188',
  ]) {
    expect(tileResource(writer, path), path).toBeDefined()
  }
  for (const path of [
    'tile/0/002',
    'tile/0/002.p/189',
    'tile/0/003.p/1',
    'tile/1/000',
    'tile/1/000.p/3',
    'tile/2/000.p/1',
    'tile/63/000.p/1',
    'tile/entries/002',
    'tile/entries/002.p/189',
    'tile/0/x999/x999/x999/999',
    'tile/0/0',
  ]) {
    expect(tileResource(writer, path), path).toBeUndefined()
  }
  expect(entryAt(writer, 699)).toEqual(Buffer.from('entry 699'))
  expect(entryAt(writer, 700)).toBeUndefined()
})

test('a tile of the tree of 70,000 has the widths that the specification names', () => {
  const large = new FixtureLog()
  for (let i = 0; i < 70_000; i += 5000) large.append(...Array.from({ length: 5000 }, (_, j) => `${i + j}`))
  large.publish()
  for (const path of ['tile/0/272', 'tile/0/273.p/112', 'tile/1/000', 'tile/1/001.p/17', 'tile/2/000.p/1']) {
    expect(tileResource(large.writer, path), path).toBeDefined()
  }
  for (const path of [
    'tile/0/273',
    'tile/0/273.p/113',
    'tile/1/001.p/18',
    'tile/2/000.p/2',
    'tile/3/000.p/1',
  ]) {
    expect(tileResource(large.writer, path), path).toBeUndefined()
  }
})

test('every entry of a bundle hashes to its hash in the tile, and a partial one is the beginning', () => {
  for (const [n, width] of [
    [0, 256],
    [1, 1],
    [1, 255],
    [2, 188],
  ] as const) {
    const bundle = entriesBundle(writer, n, width)!
    const tile = tileBytes(writer, 0, n, width)!
    let at = 0
    for (let i = 0; i < width; i++) {
      const length = bundle[at]! * 256 + bundle[at + 1]!
      const entry = bundle.subarray(at + 2, at + 2 + length)
      expect(Buffer.from(entry).toString()).toBe(`entry ${n * 256 + i}`)
      const leaf = hash('sha256', Buffer.concat([Buffer.from([0]), entry]), 'hex')
      expect(Buffer.from(tile.subarray(i * 32, i * 32 + 32)).toString('hex')).toBe(leaf)
      at += 2 + length
    }
    expect(at).toBe(bundle.length)
    expect(tile).toHaveLength(width * 32)
  }
})
