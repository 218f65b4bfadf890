import { Tokenizer } from '@huggingface/tokenizers'
import { OpentabError } from '../../../protocol/errors.ts'
import { MAX_TEXT_LENGTH, MAX_TOKENS } from './embeddingsLimits.ts'
import { type TokenBatch, tokenBatches } from './tokenBatches.ts'

const tokenizers = new Map<string, Tokenizer>()

/** Makes a tokenizer from its two files and keeps it under a name. @throws OpentabError `model_refused` */
export function loadTokenizer(input: { name: string; tokenizer: Uint8Array; config: Uint8Array }): void {
  try {
    tokenizers.set(input.name, new Tokenizer(parseJson(input.tokenizer), parseJson(input.config)))
  } catch (error) {
    throw new OpentabError('model_refused', `The tokenizer cannot be loaded: ${String(error)}`)
  }
}

function parseJson(bytes: Uint8Array): object {
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
  if (typeof value !== 'object' || value === null) throw new Error('not a JSON object')
  return value
}

/** Token ids of the texts, cut into batches of like length. */
export interface TokenisedTexts {
  /** Tokens of all texts, special ones included, padding not. */
  tokens: number
  batches: TokenBatch[]
}

/**
 * Tokenises texts and cuts them into tasks.
 * @throws OpentabError `context_length_exceeded` with both numbers for a text of more than 256 tokens
 */
export function tokeniseTexts({ name, texts }: { name: string; texts: readonly string[] }): TokenisedTexts {
  const tokenizer = tokenizers.get(name)
  if (!tokenizer) throw new OpentabError('internal', `The tokenizer ${name} was not loaded.`)
  const ids = texts.map((text, index) => tokenise(tokenizer, text, index))
  return { tokens: ids.reduce((sum, { length }) => sum + length, 0), batches: tokenBatches(ids) }
}

function tokenise(tokenizer: Tokenizer, text: string, index: number): number[] {
  const { ids } = tokenizer.encode(text.slice(0, MAX_TEXT_LENGTH))
  const isCut = text.length > MAX_TEXT_LENGTH
  if (ids.length <= MAX_TOKENS && !isCut) return ids
  const requested = isCut ? `more than ${Math.max(ids.length, MAX_TOKENS)}` : String(ids.length)
  throw new OpentabError(
    'context_length_exceeded',
    `This model's maximum context length is ${MAX_TOKENS} tokens, however input[${index}] has ${requested} tokens.`,
    { param: 'input', fix: `Cut the text into pieces of at most ${MAX_TOKENS} tokens.` },
  )
}
