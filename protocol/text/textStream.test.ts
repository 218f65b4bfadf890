import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadTokenizer } from './loadTokenizer.ts'
import { byteLevelTokenizer, sentencePieceTokenizer } from './sampleTokenizers.ts'
import { type BytesOf, type StreamedText, TextStream } from './textStream.ts'

const tokenizer = loadTokenizer(byteLevelTokenizer())
/** Every id is a byte. */
const bytes: BytesOf = (id) => Uint8Array.of(id)
const bytesOf = (text: string): number[] => [...new TextEncoder().encode(text)]

/** What a stream gives for pieces of ids, one after the other. */
function streamed(
  pieces: readonly number[][],
  stops: readonly string[],
  tokens: BytesOf = bytes,
): StreamedText {
  const stream = new TextStream(tokens, stops)
  const parts = [...pieces.map((ids) => stream.push(ids)), stream.end()]
  return { text: parts.map(({ text }) => text).join(''), stopped: parts.at(-1)!.stopped }
}

/** The same by looking at the whole text: the stop that is complete first, of two at once the longer. */
function byWhole(text: string, stops: readonly string[]): StreamedText {
  for (let end = 1; end <= text.length; end++) {
    const found = stops.filter((stop) => stop && text.slice(0, end).endsWith(stop))
    if (found.length === 0) continue
    const longest = found.reduce((a, b) => (b.length > a.length ? b : a))
    return { text: text.slice(0, end - longest.length), stopped: longest }
  }
  return { text, stopped: null }
}

/** Ids cut into pieces: a piece ends after each true. */
function cut(ids: readonly number[], ends: readonly boolean[]): number[][] {
  const pieces: number[][] = [[]]
  for (const [i, id] of ids.entries()) {
    pieces.at(-1)!.push(id)
    if (ends[i % ends.length]) pieces.push([])
  }
  return pieces
}

const cuts = fc.array(fc.boolean(), { minLength: 1, maxLength: 20 })

describe('a stream of text', () => {
  it('is empty without tokens', () => {
    const stream = new TextStream(tokenizer, ['x'])
    expect([stream.push([]), stream.end()]).toEqual([
      { text: '', stopped: null },
      { text: '', stopped: null },
    ])
  })

  it('holds a character back until it is whole', () => {
    const stream = new TextStream(bytes, [])
    const texts = bytesOf('é😀').map((byte) => stream.push([byte]).text)
    expect(texts).toEqual(['', 'é', '', '', '', '😀'])
  })

  it('shows half a character as U+FFFD at the end, or as soon as it cannot become whole', () => {
    const stream = new TextStream(bytes, [])
    const texts = [0xf0, 0x9f, 0x61, 0xe6].map((byte) => stream.push([byte]).text)
    expect([...texts, stream.end().text]).toEqual(['', '', '�a', '', '�'])
  })

  it('keeps a byte order mark and spaces at the beginning', () => {
    expect(streamed([bytesOf('\uFEFF a')], []).text).toBe('\uFEFF a')
  })

  it('leaves special tokens out', () => {
    const ids = tokenizer.encode('he<|end|>ll')
    expect(new TextStream(tokenizer, []).push([...ids, 1_000_000]).text).toBe('hell')
  })

  it.each([
    ['byte-level', byteLevelTokenizer()],
    ['SentencePiece', sentencePieceTokenizer()],
  ])('gives what decode gives, for any %s tokens in any pieces', (_, json) => {
    const one = loadTokenizer(json)
    const ids = fc.array(fc.integer({ min: 0, max: one.vocabulary + 1 }), { maxLength: 60 })
    fc.assert(
      fc.property(ids, cuts, (all, ends) => {
        const stream = new TextStream(one, [])
        const parts = cut(all, ends).map((piece) => stream.push(piece).text)
        expect(parts.join('') + stream.end().text).toBe(one.decode(all))
      }),
      { numRuns: 300 },
    )
  })
})

describe('stop texts', () => {
  it('end the text before them, also across tokens and within one', () => {
    expect(streamed([bytesOf('one'), bytesOf(' S'), bytesOf('TOP two')], ['STOP'])).toEqual({
      text: 'one ',
      stopped: 'STOP',
    })
  })

  it('hold back the longest end of the text that may become one, and no more', () => {
    const stream = new TextStream(bytes, ['aab', 'b!'])
    const texts = [...'xaaab'].map((character) => stream.push(bytesOf(character)))
    expect(texts.map(({ text }) => text)).toEqual(['x', '', '', 'a', ''])
    expect(texts.at(-1)!.stopped).toBe('aab')
  })

  it('give back at the end what was held back in vain', () => {
    const stream = new TextStream(bytes, ['END.'])
    expect(stream.push(bytesOf('the END')).text).toBe('the ')
    expect(stream.end()).toEqual({ text: 'END', stopped: null })
    expect(stream.end()).toEqual({ text: '', stopped: null })
  })

  it('let nothing follow', () => {
    const stream = new TextStream(bytes, ['.'])
    expect(stream.push(bytesOf('a.b'))).toEqual({ text: 'a', stopped: '.' })
    expect(stream.push(bytesOf('c.'))).toEqual({ text: '', stopped: '.' })
    expect(stream.end()).toEqual({ text: '', stopped: '.' })
  })

  it('count when they are complete first, and of two at once the longer one', () => {
    expect(streamed([bytesOf('xabc')], ['abc', 'ab'])).toEqual({ text: 'x', stopped: 'ab' })
    expect(streamed([bytesOf('xabc')], ['bc', 'abc'])).toEqual({ text: 'x', stopped: 'abc' })
    expect(streamed([bytesOf('aaaab')], ['aab', 'b'])).toEqual({ text: 'aa', stopped: 'aab' })
  })

  it('are found within longer ones that did not come', () => {
    expect(streamed([bytesOf('abcd')], ['abce', 'bcd'])).toEqual({ text: 'a', stopped: 'bcd' })
    expect(streamed([bytesOf('abcd')], ['abcde', 'c'])).toEqual({ text: 'ab', stopped: 'c' })
  })

  it('can be a character of several bytes or what stands for half of one', () => {
    expect(
      streamed(
        bytesOf('a😀b').map((byte) => [byte]),
        ['😀'],
      ),
    ).toEqual({ text: 'a', stopped: '😀' })
    expect(streamed([[0x61, 0xf0]], ['�'])).toEqual({ text: 'a', stopped: '�' })
  })

  it('never are halves of a character or empty', () => {
    expect(streamed([bytesOf('a😀b')], ['\ude00', '\ud83d', ''])).toEqual({ text: 'a😀b', stopped: null })
  })

  it('are those of the whole text, in any pieces', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '😀'), maxLength: 30 })
    const stops = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'é', '😀'), maxLength: 4 }), {
      maxLength: 5,
    })
    fc.assert(
      fc.property(letters, stops, cuts, (text, all, ends) => {
        expect(streamed(cut(bytesOf(text), ends), all)).toEqual(byWhole(text, all))
      }),
      { numRuns: 1000 },
    )
  })

  it('hold back no more than could still become one', () => {
    const stops = ['aab', 'ba', 'bbb']
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 30 }), (text) => {
        const stream = new TextStream(bytes, stops)
        const { text: shown, stopped } = stream.push(bytesOf(text))
        if (stopped !== null) return
        const held = text.slice(shown.length)
        expect(held === '' || stops.some((stop) => stop.startsWith(held))).toBe(true)
        for (let from = 0; from < shown.length; from++) {
          expect(stops.some((stop) => stop.startsWith(text.slice(from)))).toBe(false)
        }
      }),
    )
  })
})
