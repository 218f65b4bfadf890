import { Template } from '@huggingface/jinja'
import { Tokenizer } from '@huggingface/tokenizers'
import type { GenerationDefaults } from '../../protocol/language.ts'
import { refuseWeights } from '../../protocol/weights/refuseWeights.ts'

type Json = Readonly<Record<string, unknown>>

/** What turns text into a model's tokens and back, checked: a relay and tabs can use it as it is. */
export interface TokenizerParts {
  /** tokenizer.json. */
  tokenizer: Uint8Array<ArrayBuffer>
  /** tokenizer_config.json without the chat template. */
  config: Uint8Array<ArrayBuffer>
  /** Jinja; null where the model has none. */
  chatTemplate: string | null
  generation: GenerationDefaults
}

/** The same as a source has it. */
export interface TokenizerSource {
  tokenizer: Json
  /** The file's own bytes, where there is a file. */
  bytes?: Uint8Array<ArrayBuffer>
  config: Json
  chatTemplate: string | null
  /** generation_config.json, or {}. */
  generation: Json
  /** Ids that end an answer; null where only the end token's text is known. */
  endIds: readonly number[] | null
}

/**
 * @param vocabulary rows of the model's embedding
 * @throws OpentabError `model_refused` when the tokenizer cannot be loaded or has more tokens than the model, or when
 * the chat template does not parse
 */
export function tokenizerParts(source: TokenizerSource, vocabulary: number): TokenizerParts {
  const tokenizer = loaded(source)
  let highest = -1
  for (const id of tokenizer.get_vocab(true).values()) highest = Math.max(highest, id)
  if (highest < 0) throw refuseWeights('The tokenizer has no tokens.')
  if (highest >= vocabulary) {
    throw refuseWeights(
      `The tokenizer has the token ${highest}, and the model's embedding has ${vocabulary} rows.`,
      'Take the tokenizer and the weights from the same model.',
    )
  }
  if (source.chatTemplate !== null) requireTemplate(source.chatTemplate)
  const { chat_template: _, ...config } = source.config
  return {
    tokenizer: source.bytes ?? jsonBytes(source.tokenizer),
    config: jsonBytes(config),
    chatTemplate: source.chatTemplate,
    generation: generationOf(source, tokenizer, vocabulary),
  }
}

function loaded({ tokenizer, config }: TokenizerSource): Tokenizer {
  try {
    return new Tokenizer(tokenizer, config)
  } catch (cause) {
    throw refuseWeights(
      `The tokenizer cannot be loaded: ${(cause as Error).message.slice(0, 200)}`,
      'Check that tokenizer.json and tokenizer_config.json are whole and belong together.',
    )
  }
}

function requireTemplate(text: string): void {
  try {
    new Template(text)
  } catch (cause) {
    throw refuseWeights(
      `The chat template does not parse: ${(cause as Error).message.slice(0, 200)}`,
      'Take another copy of the model, or correct the template.',
    )
  }
}

const jsonBytes = (value: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(value))

function generationOf(source: TokenizerSource, tokenizer: Tokenizer, vocabulary: number): GenerationDefaults {
  const { generation, config } = source
  // Values of a model that is meant to be read greedily are what its file happened to be written with.
  const samples = generation.do_sample !== false
  const number = (key: string, least: number, most: number): number | undefined => {
    const value = generation[key]
    if (!samples || typeof value !== 'number' || !(value >= least && value <= most)) return undefined
    return value
  }
  const [temperature, topP] = [number('temperature', 0, 100), number('top_p', 1e-6, 1)]
  const [topK, repetitionPenalty] = [number('top_k', 0, vocabulary), number('repetition_penalty', 1e-6, 100)]
  const endText = textOf(config.eos_token)
  const named = endText === undefined ? undefined : tokenizer.token_to_id(endText)
  const endTokens = source.endIds ?? (named === undefined ? [] : [named])
  const outside = endTokens.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabulary)
  if (outside !== undefined) {
    throw refuseWeights(`The end token ${outside} is none of the model's ${vocabulary} tokens.`)
  }
  return {
    endTokens: [...new Set(endTokens)].sort((a, b) => a - b),
    beginToken: tokenizer.encode('', { add_special_tokens: true }).ids[0] ?? null,
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && Number.isInteger(topK) && { topK }),
    ...(repetitionPenalty !== undefined && { repetitionPenalty }),
  }
}

/** A special token of tokenizer_config.json: its text, or an object that holds it. */
function textOf(token: unknown): string | undefined {
  if (typeof token === 'string') return token
  const content = (token as { content?: unknown } | null | undefined)?.content
  return typeof content === 'string' ? content : undefined
}
