import { ggufTokenizer } from '../gguf/ggufTokenizer.ts'

/** Pieces that are tokens of their own, each made of two that are there before it. */
const merges = [
  ['Ġ', 't'], ['h', 'e'], ['Ġt', 'he'], ['i', 'n'], ['e', 'r'], ['a', 'n'], ['Ġ', 'a'], ['o', 'n'], ['r', 'e'],
  ['Ġ', 's'], ['o', 'u'], ['Ġ', 'w'], ['e', 's'], ['Ġa', 'n'], ['in', 'g'], ['Ġan', 'd'], ['l', 'l'], ['i', 's'],
  ['a', 't'], ['e', 'n'], ['o', 'r'], ['Ġ', 'c'], ['Ġ', 'o'], ['Ġo', 'f'], ['Ġ', 'p'], ['e', 'd'], ['i', 't'],
  ['a', 'l'], ['a', 'r'], ['Ġ', 'm'], ['Ġ', 'i'], ['Ġi', 'n'], ['Ġ', 'h'], ['Ġt', 'o'], ['Ġ', 'f'], ['l', 'e'],
  ['Ġ', 'b'], ['a', 's'], ['Ġ', 'd'], ['r', 'o'], ['Ġ', 'l'],
] as const // biome-ignore format: a table

const specials = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'] as const
const [END_OF_TEXT, , END_OF_TURN] = [0, 1, 2] as const

/** GPT-2's printable stand-in for each byte. Source: encoder.py, bytes_to_unicode. */
function byteCharacters(): string[] {
  const isPrintable = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255)
  let next = 256
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++))
}

/** 3 special tokens, 256 bytes, 41 merged pieces. */
const tokens: readonly string[] = [...specials, ...byteCharacters(), ...merges.map(([a, b]) => a + b)]

/** Number of tokens of a tiny model. */
export const TINY_VOCABULARY = tokens.length

const chatTemplate =
  "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}" +
  '{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}'

/** The tokenizer of every tiny model, as a GGUF has it. */
export const tinyTokenizerMetadata = (): Map<string, string | number | boolean | string[] | number[]> =>
  new Map<string, string | number | boolean | string[] | number[]>([
    ['tokenizer.ggml.model', 'gpt2'],
    ['tokenizer.ggml.pre', 'smollm'],
    ['tokenizer.ggml.tokens', [...tokens]],
    ['tokenizer.ggml.token_type', tokens.map((_, id) => (id < specials.length ? 3 : 1))],
    ['tokenizer.ggml.merges', merges.map(([a, b]) => `${a} ${b}`)],
    ['tokenizer.ggml.eos_token_id', END_OF_TURN],
    ['tokenizer.ggml.padding_token_id', END_OF_TEXT],
    ['tokenizer.ggml.add_bos_token', false],
    ['tokenizer.chat_template', chatTemplate],
  ])

/** The same as a Hugging Face folder has it: tokenizer.json and tokenizer_config.json. */
export function tinyTokenizerFiles(): { tokenizer: object; config: object } {
  const { tokenizer, config } = ggufTokenizer(tinyTokenizerMetadata())
  return { tokenizer, config }
}
