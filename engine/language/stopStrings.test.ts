import { expect, it } from 'vitest'
import { StopStrings } from './stopStrings.ts'

const encoder = new TextEncoder()
/** Tokens that stand for these bytes; null stands for a special one. */
const tokens = (...texts: (string | number[] | null)[]) =>
  texts.map((text) => (typeof text === 'string' ? encoder.encode(text) : Uint8Array.from(text ?? [])))
/** For each token in turn, whether it completes a stop string. */
const completed = (stops: string[], bytes: Uint8Array[], ids = bytes.map((_, id) => id)) => {
  const finder = new StopStrings(stops, bytes)
  return ids.map((id) => finder.completes(id))
}

it('finds a string inside one token', () => {
  expect(completed(['END'], tokens('a', 'xENDy', 'b'))).toEqual([false, true, false])
})

it('finds a string that several tokens spell out', () => {
  expect(completed(['END'], tokens('aE', 'N', 'D'))).toEqual([false, false, true])
})

it('finds a string whose character is cut between tokens', () => {
  const [first, ...rest] = encoder.encode('é')
  expect(completed(['é!'], tokens([first!], rest, '!'))).toEqual([false, false, true])
})

it('finds a string again after it was found', () => {
  expect(completed(['aa'], tokens('a', 'a', 'a'))).toEqual([false, true, true])
})

it('finds the shorter of two strings beside the longer one', () => {
  expect(completed(['long stop', '\n'], tokens('long ', 'st', '\n'))).toEqual([false, false, true])
})

it('looks past special tokens, whose text is not part of the answer', () => {
  expect(completed(['ab'], tokens('a', null, 'b'))).toEqual([false, false, true])
})

it('passes ids that have no bytes', () => {
  expect(completed(['x'], tokens('x'), [7, 0])).toEqual([false, true])
})

it('agrees with a search of the whole text at every token', () => {
  const pieces = tokens('a', 'b', 'ab', 'ba', 'aab')
  let seed = 1
  for (let round = 0; round < 200; round++) {
    const ids = Array.from({ length: 12 }, () => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
      return (seed >>> 16) % pieces.length
    })
    const stop = 'abaab'.slice(0, 2 + (round % 4))
    let text = ''
    const found = completed([stop], pieces, ids)
    for (const [at, id] of ids.entries()) {
      const before = text.length
      text += new TextDecoder().decode(pieces[id])
      const ends = [...text].some((_, from) => text.startsWith(stop, from) && from + stop.length > before)
      expect(found[at], `${text} for ${stop}`).toBe(ends)
    }
  }
})
