import { expect, test } from 'vitest'
import { parseTilePath, tilePath } from './tilePath.ts'

test('paths that are not the one spelling of a tile are refused', () => {
  for (const path of [
    '',
    'tile/0',
    'tile/0/',
    'tile/0/0',
    'tile/0/1234',
    'tile/0/x001',
    'tile/0/001/067',
    'tile/0/x000/001',
    'tile/0/x000/x001/067',
    'tile/0/x001/067/',
    'tile/00/000',
    'tile/01/000',
    'tile/64/000',
    'tile/100/000',
    'tile/-1/000',
    'tile/entries/0',
    'tile/Entries/000',
    'tile/data/000',
    'tile/0/000.p/0',
    'tile/0/000.p/01',
    'tile/0/000.p/256',
    'tile/0/000.p/999',
    'tile/0/000.p/',
    'tile/0/000.p',
    'tile/0/x009/x007/x199/x254/x740/992',
    'tile/8/0/000',
    '/tile/0/000',
    'tile/0/000\n',
    'tile/0/000?',
    'tile/0/0x0',
    'tile/0/٠٠٠',
    'checkpoint',
  ]) {
    expect(parseTilePath(path), JSON.stringify(path)).toBeNull()
  }
})

test('the specification’s example and the edges are read and written without a change', () => {
  for (const [path, level, n, width] of [
    ['tile/0/x001/x234/067', 0, 1234067, 256],
    ['tile/entries/x001/x234/067.p/8', 'entries', 1234067, 8],
    ['tile/63/000.p/1', 63, 0, 1],
    ['tile/0/999.p/255', 0, 999, 255],
    ['tile/1/x001/000', 1, 1000, 256],
    ['tile/0/x009/x007/x199/x254/x740/991', 0, Number.MAX_SAFE_INTEGER, 256],
  ] as const) {
    expect(parseTilePath(path), path).toEqual({ level, n, width })
    expect(tilePath({ level, n, width })).toBe(path)
  }
})
