import { Tokenizer } from '@huggingface/tokenizers'
import { describe, expect, it } from 'vitest'
import { OpentabError } from '../../../protocol/errors.ts'
import { ggufTokenizer } from './ggufTokenizer.ts'
import tokenizerVectors from './tokenizerVectors.json' with { type: 'json' }

const { byteLevel, sentencePiece } = tokenizerVectors
const idsOf = (text: string): number[] => (text === '' ? [] : text.split(',').map(Number))
const tokens = byteLevel.tokens.split(' ')

const gpt2 = (changes: Record<string, unknown> = {}) =>
  new Map<string, unknown>(
    Object.entries({
      'tokenizer.ggml.model': 'gpt2',
      'tokenizer.ggml.pre': 'smollm',
      'tokenizer.ggml.tokens': tokens,
      'tokenizer.ggml.token_type': tokens.map((token) => (/^<\|.*\|>$/.test(token) ? 3 : 1)),
      'tokenizer.ggml.merges': byteLevel.merges.split('  '),
      'tokenizer.ggml.bos_token_id': 1,
      'tokenizer.ggml.eos_token_id': 2,
      'tokenizer.ggml.add_bos_token': false,
      ...changes,
    }).filter(([, value]) => value !== undefined),
  )

const llama = (entry: (typeof sentencePiece)[number], changes: Record<string, unknown> = {}) =>
  new Map<string, unknown>(
    Object.entries({
      'tokenizer.ggml.model': 'llama',
      'tokenizer.ggml.tokens': entry.tokens.split(' '),
      'tokenizer.ggml.scores': entry.scores.split(' ').map(Number),
      'tokenizer.ggml.token_type': [...entry.kinds].map(Number),
      'tokenizer.ggml.add_space_prefix': entry.addSpacePrefix,
      'tokenizer.ggml.bos_token_id': 1,
      'tokenizer.ggml.eos_token_id': 2,
      'tokenizer.ggml.unknown_token_id': 0,
      ...changes,
    }).filter(([, value]) => value !== undefined),
  )

const load = (metadata: ReadonlyMap<string, unknown>) => {
  const { tokenizer, config } = ggufTokenizer(metadata)
  // Through JSON, as it is stored.
  return new Tokenizer(JSON.parse(JSON.stringify(tokenizer)), JSON.parse(JSON.stringify(config)))
}

describe('the tokenizer of a GGUF file with byte-level BPE', () => {
  it('gives llama.cpp’s ids for all reference prompts of SmolLM2', () => {
    const tokenizer = load(gpt2())
    expect(byteLevel.prompts).toHaveLength(12)
    for (const { text, ids } of byteLevel.prompts) {
      expect(tokenizer.encode(text).ids).toEqual(idsOf(ids))
      expect(tokenizer.decode(idsOf(ids))).toBe(text)
    }
  })

  for (const [pre, texts] of Object.entries(byteLevel.ids)) {
    it(`splits texts by the rule ${pre} as the Rust tokenizers do`, () => {
      const tokenizer = load(gpt2({ 'tokenizer.ggml.pre': pre }))
      for (const [i, ids] of texts.entries()) {
        const text = byteLevel.texts[i]!
        expect(tokenizer.encode(text).ids, text).toEqual(idsOf(ids))
        expect(tokenizer.decode(idsOf(ids))).toBe(pre === 'qwen2' ? text.normalize('NFC') : text)
      }
    })
  }

  it('puts begin and end tokens around a text where the file says so', () => {
    const begin = load(gpt2({ 'tokenizer.ggml.add_bos_token': true, 'tokenizer.ggml.add_eos_token': true }))
    expect(begin.encode('').ids).toEqual([1, 2])
    expect(begin.encode('', { add_special_tokens: false }).ids).toEqual([])
    const llama3 = load(
      gpt2({ 'tokenizer.ggml.pre': 'llama-bpe', 'tokenizer.ggml.add_bos_token': undefined }),
    )
    expect(llama3.encode('').ids).toEqual([1])
  })

  it('finds added tokens in a text, and keeps them when special ones are left out', () => {
    const kinds = tokens.map((token) => (token === '<|im_start|>' ? 4 : token === '<|im_end|>' ? 3 : 1))
    const tokenizer = load(gpt2({ 'tokenizer.ggml.token_type': kinds }))
    expect(tokenizer.encode('<|im_end|><|im_start|>').ids).toEqual([2, 1])
    expect(tokenizer.decode([2, 1], { skip_special_tokens: true })).toBe('<|im_start|>')
  })

  it('gives the special tokens’ texts, the chat template, and all tokens that end an answer', () => {
    const { config, endIds } = ggufTokenizer(gpt2({ 'tokenizer.chat_template': '{{ messages }}' }))
    expect(config).toEqual({
      bos_token: '<|im_start|>',
      eos_token: '<|im_end|>',
      unk_token: null,
      pad_token: null,
      add_bos_token: false,
      add_eos_token: false,
      clean_up_tokenization_spaces: false,
      chat_template: '{{ messages }}',
    })
    expect(endIds).toEqual([2, 0])
  })

  it('names empty tokens, as padded vocabularies have them', () => {
    const { tokenizer } = ggufTokenizer(
      gpt2({
        'tokenizer.ggml.tokens': [...tokens, '', ''],
        'tokenizer.ggml.token_type': undefined,
      }),
    )
    const { vocab } = tokenizer.model as { vocab: Record<string, number> }
    expect(vocab[`[EMPTY_${tokens.length + 1}]`]).toBe(tokens.length + 1)
  })
})

describe('the tokenizer of a GGUF file with SentencePiece', () => {
  for (const entry of sentencePiece) {
    it(`gives SentencePiece’s ids ${entry.addSpacePrefix ? 'with' : 'without'} a space put before a text`, () => {
      const tokenizer = load(llama(entry, { 'tokenizer.ggml.add_bos_token': false }))
      for (const [i, ids] of entry.ids.entries()) {
        const text = entry.texts[i]!
        expect(tokenizer.encode(text).ids, text).toEqual(idsOf(ids))
        // ByteFallback of @huggingface/tokenizers 0.2.0 drops U+FEFF: its TextDecoder takes it as a byte order mark.
        expect(tokenizer.decode(idsOf(ids))).toBe(text.replace('\ufeff', ''))
      }
    })
  }

  it('begins a text with the begin token when the file does not say', () => {
    expect(load(llama(sentencePiece[1]!)).encode('').ids).toEqual([1])
  })

  it('puts a space before every part between special tokens, as llama.cpp does', () => {
    const entry = sentencePiece[0]!
    const tokenizer = load(llama(entry, { 'tokenizer.ggml.add_bos_token': false }))
    const [is] = tokenizer.encode('is', { add_special_tokens: false }).ids
    expect(tokenizer.encode('is</s>is').ids).toEqual([is, 2, is])
  })
})

const first = sentencePiece[0]!
const bad: [string, ReadonlyMap<string, unknown>, string][] = [
  ['no vocabulary', new Map(), 'has no tokenizer: tokenizer.ggml.tokens is missing or empty'],
  ['an empty vocabulary', gpt2({ 'tokenizer.ggml.tokens': [] }), 'missing or empty'],
  [
    'a vocabulary that is text',
    gpt2({ 'tokenizer.ggml.tokens': 'a b' }),
    'tokenizer.ggml.tokens is a string, not a list',
  ],
  [
    'a token that is a number',
    gpt2({ 'tokenizer.ggml.tokens': ['a', 7] }),
    'tokenizer.ggml.tokens[1] is a number, not a string',
  ],
  [
    'a token twice',
    gpt2({ 'tokenizer.ggml.tokens': [...tokens, tokens[5]] }),
    `Tokens 5 and ${tokens.length} of the GGUF file are both`,
  ],
  [
    'too few kinds',
    gpt2({ 'tokenizer.ggml.token_type': [1] }),
    `token_type has 1 entries; there are ${tokens.length} tokens`,
  ],
  ['an id beyond the vocabulary', gpt2({ 'tokenizer.ggml.eos_token_id': 99_999 }), 'eos_token_id is 99999'],
  [
    'an id that is text',
    gpt2({ 'tokenizer.ggml.eos_token_id': '2' }),
    'eos_token_id is a string, not a number',
  ],
  [
    'a switch that is a number',
    gpt2({ 'tokenizer.ggml.add_bos_token': 1 }),
    'add_bos_token is a number, not a boolean',
  ],
  ['no merges', gpt2({ 'tokenizer.ggml.merges': undefined }), 'without tokenizer.ggml.merges'],
  [
    'a merge of one text',
    gpt2({ 'tokenizer.ggml.merges': ['ab'] }),
    'tokenizer.ggml.merges[0] is "ab", not two texts',
  ],
  [
    'a merge into no token',
    gpt2({ 'tokenizer.ggml.merges': ['! !!!!!'] }),
    'tokenizer.ggml.merges[0] makes "!!!!!!", and there is no such token',
  ],
  ['an unknown rule', gpt2({ 'tokenizer.ggml.pre': 'bloom' }), 'splits texts by the rule "bloom"'],
  ['an unknown kind', gpt2({ 'tokenizer.ggml.model': 'bert' }), 'a tokenizer of the kind "bert"'],
  ['no kind', gpt2({ 'tokenizer.ggml.model': undefined }), 'a tokenizer of the kind "missing"'],
  ['no scores', llama(first, { 'tokenizer.ggml.scores': undefined }), 'without tokenizer.ggml.scores'],
  ['too few scores', llama(first, { 'tokenizer.ggml.scores': [1, 2] }), 'scores has 2 entries'],
]

describe('a damaged vocabulary', () => {
  for (const [name, metadata, message] of bad) {
    it(`is refused: ${name}`, () => {
      expect(() => ggufTokenizer(metadata)).toThrow(message)
      expect(() => ggufTokenizer(metadata)).toThrow(OpentabError)
    })
  }
})
