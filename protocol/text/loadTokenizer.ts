import { Tokenizer } from '@huggingface/tokenizers'
import { OpentabError } from '../errors.ts'
import { decodeTokens } from './decodeTokens.ts'
import type { TextTokenizer } from './textTokenizer.ts'
import { tokenSpelling } from './tokenSpelling.ts'

/**
 * Makes a tokenizer of a tokenizer.json: its bytes, its text, or what its text parses to.
 * `config`: what tokenizer_config.json holds; models of this network do without.
 * @throws OpentabError `model_refused`
 */
export function loadTokenizer(
  tokenizerJson: Uint8Array | string | object,
  config: object = {},
): TextTokenizer {
  try {
    const json = parse(tokenizerJson)
    const tokenizer = new Tokenizer(json, config)
    return wrap(tokenizer, tokenBytesOf(tokenizer, (json as { decoder?: unknown }).decoder))
  } catch (error) {
    if (error instanceof OpentabError) throw error
    throw new OpentabError(
      'model_refused',
      `The tokenizer cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
}

function parse(json: Uint8Array | string | object): object {
  if (typeof json !== 'string' && !(json instanceof Uint8Array)) return json
  const text = typeof json === 'string' ? json : new TextDecoder('utf-8', { fatal: true }).decode(json)
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null) throw new Error('not a JSON object')
  return value
}

function tokenBytesOf(tokenizer: Tokenizer, decoder: unknown): readonly Uint8Array[] {
  const spell = tokenSpelling(decoder)
  const added = tokenizer.get_added_tokens_decoder()
  let vocabulary = 0
  for (const id of tokenizer.get_vocab(true).values()) vocabulary = Math.max(vocabulary, id + 1)
  return Array.from({ length: vocabulary }, (_, id) => {
    const token = tokenizer.id_to_token(id)
    if (token === undefined || added.get(id)?.special) return new Uint8Array(0)
    return spell(token, added.has(id))
  })
}

function wrap(tokenizer: Tokenizer, tokenBytes: readonly Uint8Array[]): TextTokenizer {
  return {
    vocabulary: tokenBytes.length,
    tokenBytes: () => tokenBytes,
    decode: (ids) => decodeTokens(tokenBytes, ids),
    encode(text) {
      const { ids } = tokenizer.encode(text, { add_special_tokens: false })
      // A piece that is no token and has no token for the unknown either comes as undefined.
      const at = ids.findIndex((id: number) => !Number.isInteger(id))
      if (at === -1) return ids
      throw new OpentabError(
        'model_refused',
        `The tokenizer has no token for a piece of the text, its ${at + 1}.`,
      )
    },
  }
}
