import { quotedName, refuseWeights } from '../../../protocol/weights/refuseWeights.ts'

/** How byte-level BPE treats a text before it merges: the parts of tokenizer.json that GGUF only gives a name. */
export interface PreTokenizer {
  /** Regular expressions in Oniguruma's dialect; each splits what the one before left. */
  splits: readonly string[]
  /** Whether a whole piece that is a token is taken without merging. */
  ignoreMerges: boolean
  /** Whether a text begins with the begin token when the file does not say. */
  addBegin: boolean
  /** Whether texts are composed first (Unicode NFC). llama.cpp leaves this out; the models were trained with it. */
  compose: boolean
}

const GPT2 = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
const withDigits = (digits: string) =>
  String.raw`${contractions}|[^\r\n\p{L}\p{N}]?\p{L}+|${digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`

const plain = { ignoreMerges: false, addBegin: false, compose: false }
const gpt2: PreTokenizer = { ...plain, splits: [GPT2] }
const llama3: PreTokenizer = {
  ...plain,
  splits: [withDigits(String.raw`\p{N}{1,3}`)],
  ignoreMerges: true,
  addBegin: true,
}
const qwen2: PreTokenizer = { ...plain, splits: [withDigits(String.raw`\p{N}`)], compose: true }

/** By `tokenizer.ggml.pre`. Source: llm_tokenizer_bpe of llama-vocab.cpp, and the models' own tokenizer.json. */
const preTokenizers: ReadonlyMap<string, PreTokenizer> = new Map([
  // [Digits(individual), ByteLevel]. As a split, because Digits of @huggingface/tokenizers 0.2.0 knows only 0 to 9.
  ['smollm', { ...plain, splits: [String.raw`\p{N}`, GPT2] }],
  ['qwen2', qwen2],
  ['deepseek-r1-qwen', qwen2],
  ['llama-bpe', llama3],
  ['llama3', llama3],
  ['llama-v3', llama3],
  ['gpt-2', gpt2],
  [
    'default',
    { ...plain, splits: [String.raw`[\p{P}\$\+<=>\^~\|]+`, GPT2, String.raw`\p{N}+`, '[0-9][0-9][0-9]'] },
  ],
])

/** @throws OpentabError `model_refused` for a name that is not known here */
export function preTokenizerOf(pre: string): PreTokenizer {
  const found = preTokenizers.get(pre)
  if (found) return found
  throw refuseWeights(
    `The GGUF file splits texts by the rule ${quotedName(pre)} (tokenizer.ggml.pre), which is not known.`,
    `Known rules: ${[...preTokenizers.keys()].join(', ')}. Import the model from its safetensors folder, which brings tokenizer.json.`,
  )
}
