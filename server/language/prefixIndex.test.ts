import { describe, expect, it } from 'vitest'
import { PrefixIndex } from './prefixIndex.ts'

const MODEL = 'ab'.repeat(32)
const ids = (length: number, from = 0): number[] => Array.from({ length }, (_, i) => from + i)
const always = (): boolean => true

describe('the index of beginnings', () => {
  it('finds nothing at first, and nothing for less than a block', () => {
    const index = new PrefixIndex()
    expect(index.find(MODEL, ids(100), always)).toBeNull()
    index.remember(MODEL, ids(31), 'a')
    expect([index.size, index.find(MODEL, ids(31), always)]).toEqual([0, null])
  })

  it('finds the tab with the longest beginning in common', () => {
    const index = new PrefixIndex()
    index.remember(MODEL, ids(100), 'a')
    index.remember(MODEL, [...ids(40), ...ids(60, 900)], 'b')
    expect(index.find(MODEL, ids(200), always)).toBe('a')
    expect(index.find(MODEL, [...ids(40), ...ids(30, 900)], always)).toBe('b')
    // The first block is the newest tab's.
    expect(index.find(MODEL, ids(40), always)).toBe('b')
    expect(index.find(MODEL, [1, ...ids(100)], always)).toBeNull()
    expect(index.find('cd'.repeat(32), ids(100), always)).toBeNull()
  })

  it('passes over tabs that are gone', () => {
    const index = new PrefixIndex()
    index.remember(MODEL, ids(64), 'a')
    index.remember(MODEL, ids(96), 'b')
    index.remember(MODEL, ids(64), 'a')
    expect(index.find(MODEL, ids(96), (tab) => tab !== 'b')).toBe('a')
    expect(index.find(MODEL, ids(96), () => false)).toBeNull()
  })

  it('forgets the oldest beginnings', () => {
    const index = new PrefixIndex()
    for (let i = 0; i < 2_000; i++) index.remember(MODEL, ids(32 * 20, i * 1_000), `tab ${i}`)
    expect(index.size).toBe(32_768)
    expect(index.find(MODEL, ids(640), always)).toBeNull()
    expect(index.find(MODEL, ids(640, 1_999_000), always)).toBe('tab 1999')
  })

  it('keeps scopes apart, and counts what one began with in whole blocks', () => {
    const index = new PrefixIndex()
    index.remember('ada model', ids(100), 'a')
    expect(index.commonTokens('ada model', ids(70))).toBe(64)
    expect(index.commonTokens('ada model', [...ids(40), 9, 9, 9])).toBe(32)
    expect(index.commonTokens('ben model', ids(100))).toBe(0)
    expect(index.find('ben model', ids(100), always)).toBeNull()
  })
})
