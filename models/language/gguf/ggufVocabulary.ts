import { quotedName, refuseWeights } from '../../../protocol/weights/refuseWeights.ts'

/** Kinds of tokens by number (enum llama_token_type in llama.h). */
export const tokenKinds = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const

/** The vocabulary of a GGUF file, its parts known to fit each other. */
export interface GgufVocabulary {
  /** `tokenizer.ggml.model`: gpt2 (byte-level BPE) or llama (SentencePiece). */
  model: string
  /** `tokenizer.ggml.pre`: how gpt2 splits a text before it merges. */
  pre: string
  /** Texts by id, no two alike. */
  tokens: readonly string[]
  /** Kinds by id, values of `tokenKinds`. */
  kinds: readonly number[]
  /** Scores by id; null where the file has none. */
  scores: readonly number[] | null
  /** Pairs to merge, the first ones first; null where the file has none. */
  merges: readonly (readonly [string, string])[] | null
  beginId: number | null
  endId: number | null
  unknownId: number | null
  paddingId: number | null
  /** Tokens that end a text or a turn; an answer ends at any of them. */
  endIds: readonly number[]
  /** null where the file says nothing. */
  addBegin: boolean | null
  addEnd: boolean | null
  addSpacePrefix: boolean | null
  chatTemplate: string | null
}

type Metadata = ReadonlyMap<string, unknown>

const PREFIX = 'tokenizer.ggml.'
const AGAIN = 'Convert the model again with a current llama.cpp.'

/** Control tokens that end a text or a turn in the families read here: a file names but one of them. */
const ENDS = ['<|im_end|>', '<|endoftext|>', '<|eot_id|>', '<|eom_id|>', '<|end_of_text|>', '<end_of_turn>']

/**
 * @throws OpentabError `model_refused` when a key is missing, has a value of a wrong type, or contradicts another
 */
export function ggufVocabulary(metadata: Metadata): GgufVocabulary {
  const tokens = listOf(metadata, 'tokens', 'string')
  if (!tokens || tokens.length === 0) {
    throw refuseWeights('The GGUF file has no tokenizer: tokenizer.ggml.tokens is missing or empty.', AGAIN)
  }
  const texts = uniqueTexts(tokens)
  const kinds = ofLength(listOf(metadata, 'token_type', 'number'), 'token_type', texts.length)
  const idOf = (name: string): number | null => {
    const id = oneOf(metadata, `${PREFIX}${name}_token_id`, 'number')
    if (id === null || (Number.isInteger(id) && id >= 0 && id < texts.length)) return id
    throw refuseWeights(`tokenizer.ggml.${name}_token_id is ${id}; there are ${texts.length} tokens.`, AGAIN)
  }
  const endId = idOf('eos')
  const named = ENDS.map((text) => texts.indexOf(text)).filter((id) => kinds?.[id] === tokenKinds.control)
  const endIds = [endId, idOf('eot'), idOf('eom'), ...named].filter((id) => id !== null)
  return {
    model: oneOf(metadata, `${PREFIX}model`, 'string') ?? 'missing',
    pre: oneOf(metadata, `${PREFIX}pre`, 'string') ?? 'default',
    tokens: texts,
    kinds: kinds ?? texts.map(() => tokenKinds.normal),
    scores: ofLength(listOf(metadata, 'scores', 'number'), 'scores', texts.length),
    merges: mergesOf(listOf(metadata, 'merges', 'string')),
    beginId: idOf('bos'),
    endId,
    unknownId: idOf('unknown'),
    paddingId: idOf('padding'),
    endIds: [...new Set(endIds)],
    addBegin: oneOf(metadata, `${PREFIX}add_bos_token`, 'boolean'),
    addEnd: oneOf(metadata, `${PREFIX}add_eos_token`, 'boolean'),
    addSpacePrefix: oneOf(metadata, `${PREFIX}add_space_prefix`, 'boolean'),
    chatTemplate: oneOf(metadata, 'tokenizer.chat_template', 'string'),
  }
}

/** Texts by id. An empty one, which no text can hold, gets a name as in llama.cpp. */
function uniqueTexts(tokens: readonly string[]): string[] {
  const texts = tokens.map((text, id) => (text === '' ? `[EMPTY_${id}]` : text))
  const ids = new Map<string, number>()
  for (const [id, text] of texts.entries()) {
    const first = ids.get(text)
    if (first !== undefined) {
      throw refuseWeights(`Tokens ${first} and ${id} of the GGUF file are both ${quotedName(text)}.`, AGAIN)
    }
    ids.set(text, id)
  }
  return texts
}

function mergesOf(merges: readonly string[] | null): (readonly [string, string])[] | null {
  return (
    merges?.map((merge, i) => {
      // The first part may itself be a space.
      const space = merge.indexOf(' ', 1)
      if (space < 0 || space === merge.length - 1) {
        throw refuseWeights(`tokenizer.ggml.merges[${i}] is ${quotedName(merge)}, not two texts.`, AGAIN)
      }
      return [merge.slice(0, space), merge.slice(space + 1)] as const
    }) ?? null
  )
}

interface Types {
  string: string
  number: number
  boolean: boolean
}

function oneOf<Type extends keyof Types>(metadata: Metadata, key: string, type: Type): Types[Type] | null {
  const value = metadata.get(key)
  if (value === undefined) return null
  if (typeof value === type) return value as Types[Type]
  throw refuseWeights(
    `${key} is ${Array.isArray(value) ? 'a list' : `a ${typeof value}`}, not a ${type}.`,
    AGAIN,
  )
}

function listOf<Type extends keyof Types>(
  metadata: Metadata,
  name: string,
  type: Type,
): Types[Type][] | null {
  const value = metadata.get(PREFIX + name)
  if (value === undefined) return null
  if (!Array.isArray(value)) throw refuseWeights(`${PREFIX}${name} is a ${typeof value}, not a list.`, AGAIN)
  const wrong = value.findIndex((each) => typeof each !== type)
  if (wrong < 0) return value as Types[Type][]
  throw refuseWeights(`${PREFIX}${name}[${wrong}] is a ${typeof value[wrong]}, not a ${type}.`, AGAIN)
}

function ofLength(list: number[] | null, name: string, length: number): number[] | null {
  if (list === null || list.length === length) return list
  throw refuseWeights(`${PREFIX}${name} has ${list.length} entries; there are ${length} tokens.`, AGAIN)
}
