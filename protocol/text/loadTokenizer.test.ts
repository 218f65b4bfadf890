import { Tokenizer } from '@huggingface/tokenizers'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { charactersOfBytes } from './byteLevel.ts'
import { loadTokenizer } from './loadTokenizer.ts'
import { byteLevelTokenizer, sentencePieceTokenizer } from './sampleTokenizers.ts'

const kinds = [
  ['byte-level', byteLevelTokenizer()],
  ['SentencePiece', sentencePieceTokenizer()],
] as const
const textOf = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)
const texts = fc.string({ unit: fc.constantFrom(...'hello w漢é😀{}":\n.\t', '<tool>'), maxLength: 40 })

describe('loading a tokenizer', () => {
  it.each([
    ['that is no JSON', new TextEncoder().encode('{'), 'cannot be loaded'],
    ['that is not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'cannot be loaded'],
    ['that is a list', '[]', 'cannot be loaded'],
    ['that has no model', {}, 'cannot be loaded'],
    ['that joins words', { ...byteLevelTokenizer(), decoder: { type: 'WordPiece' } }, 'decoder is WordPiece'],
    ['that has no decoder', { ...byteLevelTokenizer(), decoder: null }, 'decoder is missing'],
  ])('refuses one %s', (_, json, message) => {
    expect(() => loadTokenizer(json)).toThrow(message)
    expect(() => loadTokenizer(json)).toThrow(expect.objectContaining({ code: 'model_refused' }))
  })

  it.each(kinds)('takes %s as bytes, as text and as an object', (_, json) => {
    const text = JSON.stringify(json)
    const ids = [text, new TextEncoder().encode(text), json].map((one) =>
      loadTokenizer(one).encode('hello é'),
    )
    expect(ids[0]!.length).toBeGreaterThan(1)
    expect(ids[1]).toEqual(ids[0])
    expect(ids[2]).toEqual(ids[0])
  })
})

describe.each(kinds)('a %s tokenizer', (_name, json) => {
  const tokenizer = loadTokenizer(json)
  const bytes = tokenizer.tokenBytes()
  const idOf = (text: string): number => bytes.findIndex((token) => textOf(token) === text)

  it('has bytes for every token, and none for special ones', () => {
    expect(bytes.length).toBe(tokenizer.vocabulary)
    const [special, tool, spaces] = [3, 2, 1].map((back) => bytes[bytes.length - back])
    expect(special).toEqual(new Uint8Array(0))
    expect([textOf(tool), textOf(spaces)]).toEqual(['<tool>', '   '])
    expect(idOf('hell')).toBeGreaterThan(0)
    expect(idOf(' w')).toBeGreaterThan(0)
    for (let byte = 0; byte < 256; byte++) {
      expect(
        bytes.some((token) => token.length === 1 && token[0] === byte),
        `byte ${byte}`,
      ).toBe(true)
    }
  })

  it('makes special tokens of their texts, which decode to nothing', () => {
    const ids = tokenizer.encode('hell<|end|><tool>')
    expect(ids).toEqual([idOf('hell'), bytes.length - 3, bytes.length - 2])
    expect(tokenizer.decode(ids)).toBe('hell<tool>')
  })

  it('gives back any text', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
      }),
    )
    expect(tokenizer.decode(tokenizer.encode('\uFEFF a'))).toBe('\uFEFF a')
    expect([tokenizer.encode(''), tokenizer.decode([])]).toEqual([[], ''])
  })

  it('decodes as the library does, where the bytes are text', () => {
    const library = new Tokenizer(json, { clean_up_tokenization_spaces: false })
    fc.assert(
      fc.property(texts, (text) => {
        const ids = tokenizer.encode(text)
        if (ids.length === 0) return
        expect(tokenizer.decode(ids)).toBe(library.decode(ids, { skip_special_tokens: true }))
      }),
    )
  })

  it('decodes halves of characters to U+FFFD, and ids that there are not to nothing', () => {
    const half = bytes.findIndex((token) => token.length === 1 && token[0] === 0xc3)
    expect(tokenizer.decode([half, 100_000, -1])).toBe('�')
  })
})

describe('characters of byte-level BPE', () => {
  it('write spaces, line feeds and bytes above 0x7F as GPT-2 does', () => {
    expect(charactersOfBytes(Uint8Array.of(0x20, 0x0a, 0x61, 0x7f, 0xa0, 0xad, 0xff))).toBe('ĠĊaġłŃÿ')
  })
})
