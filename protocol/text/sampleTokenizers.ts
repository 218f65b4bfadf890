import { byteCharacters } from './byteLevel.ts'

/** Special tokens, and one that is added to the vocabulary and is text like any other. */
const added = (from: number, space = ' '): object[] =>
  [
    { content: '<|end|>', special: true },
    { content: '<tool>', special: false },
    { content: `${space}${space}${space}`, special: false },
  ].map((token, i) => ({
    id: from + i,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    ...token,
  }))

/** A byte-level BPE tokenizer.json for tests: every byte, some pieces that cut characters apart, three added tokens. */
export function byteLevelTokenizer(): object {
  const merges = [
    ['h', 'e'], ['l', 'l'], ['he', 'll'], ['Ġ', 'w'], ['ð', 'Ł'], ['Ã', '©'], ['Ġw', 'o'], ['æ', '¼'], ['¢', 'å'],
    ['"', ':'], ['Ġ', '"'], ['{', '"'], ['"', '}'], ['t', 'r'], ['u', 'e'], ['tr', 'ue'],
  ] // biome-ignore format: a table
  const tokens = [...byteCharacters, ...merges.map(([a, b]) => `${a}${b}`)]
  return {
    added_tokens: added(tokens.length),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: merges.map(([a, b]) => `${a} ${b}`),
    },
  }
}

/** A SentencePiece BPE tokenizer.json with single bytes for what it has no token for, as Llama 2 and Gemma have. */
export function sentencePieceTokenizer(): object {
  const bytes = Array.from({ length: 256 }, (_, i) => `<0x${i.toString(16).toUpperCase().padStart(2, '0')}>`)
  const characters = [...'▁abcdehlorw.{}":é漢']
  const merges = [['▁', 'w'], ['h', 'e'], ['l', 'l'], ['he', 'll'], ['hell', 'o'], ['▁', 'hello']] // biome-ignore format: a table
  const tokens = ['<unk>', ...bytes, ...characters, ...merges.map(([a, b]) => `${a}${b}`)]
  return {
    added_tokens: added(tokens.length, '▁'),
    normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    pre_tokenizer: null,
    post_processor: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
      ],
    },
    model: {
      type: 'BPE',
      unk_token: '<unk>',
      byte_fallback: true,
      fuse_unk: true,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: merges.map(([a, b]) => `${a} ${b}`),
    },
  }
}
