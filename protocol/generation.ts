import * as z from 'zod/mini'
import { OpentabError } from './errors.ts'
import type { Tensor } from './tensor.ts'

/** Most stop strings of one answer, and the longest one, characters. */
export const MAX_STOPS = 16
export const MAX_STOP_CHARACTERS = 256
/** Most biased tokens of one answer. */
export const MAX_LOGIT_BIASES = 1024
/** Most alternatives of a token whose log-probabilities can be asked for. */
export const MAX_TOP_LOGPROBS = 20
/** Longest grammar or schema, characters. */
export const MAX_GRAMMAR_CHARACTERS = 64 * 1024

const u32 = z.number().check(z.int(), z.gte(0), z.lte(0xffffffff))
const finite = z.number().check(z.refine((value) => Number.isFinite(value)))
const grammar = z.string().check(z.maxLength(MAX_GRAMMAR_CHARACTERS))

/** How the next token is picked from the logits (protocol/sampling/). */
export const sampling = z.object({
  /** 0 picks the most likely token. */
  temperature: finite.check(z.gte(0), z.lte(100)),
  /** Keeps the most likely tokens whose probabilities sum to this; 1 keeps all. */
  topP: finite.check(z.gt(0), z.lte(1)),
  /** Keeps this many of the most likely tokens; 0 keeps all. */
  topK: u32,
  /** Drops tokens less likely than this share of the most likely one; 0 drops none. */
  minP: finite.check(z.gte(0), z.lte(1)),
  /** Divides positive and multiplies negative logits of tokens in prompt and answer; 1 changes nothing. */
  repetitionPenalty: finite.check(z.gt(0), z.lte(100)),
  /** Taken off the logits of tokens that are in the answer. */
  presencePenalty: finite.check(z.gte(-2), z.lte(2)),
  /** Taken off the logits of tokens for each time that they are in the answer. */
  frequencyPenalty: finite.check(z.gte(-2), z.lte(2)),
  /** [token id, number added to its logit]. */
  logitBias: z
    .array(z.tuple([u32, finite.check(z.gte(-100), z.lte(100))]))
    .check(z.maxLength(MAX_LOGIT_BIASES)),
  /** 64 bits, high half first, from which every pick of the answer is drawn. */
  seed: z.tuple([u32, u32]),
})
export type Sampling = z.infer<typeof sampling>

/** What the answer's text must be. Compiled against the model's tokenizer. */
export const constraint = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('json_object') }),
  /** `schema` is JSON Schema as JSON text. */
  z.object({ kind: z.literal('json_schema'), schema: grammar }),
  /** A grammar in xgrammar's EBNF, rule `root`. */
  z.object({ kind: z.literal('ebnf'), grammar }),
  /** Free text in which each `begin` is followed by JSON after `schema` and by `end`. */
  z.object({
    kind: z.literal('tags'),
    tags: z.array(z.object({ begin: z.string(), schema: grammar, end: z.string() })).check(z.maxLength(128)),
    /** Texts that begin a tag, each a prefix of at least one `begin`. */
    triggers: z.array(z.string()).check(z.maxLength(128)),
  }),
])
export type Constraint = z.infer<typeof constraint>

/** Everything that decides an answer beside the model and the prompt. */
export const generateOptions = z.object({
  /** Most tokens of the answer. */
  maxTokens: u32.check(z.gte(1)),
  sampling,
  /** Ids that end the answer; they are not part of it. */
  endTokens: z.array(u32).check(z.maxLength(64)),
  /** Texts that end the answer; the token that completes one is the last, and the relay cuts the text before it. */
  stop: z
    .array(z.string().check(z.minLength(1), z.maxLength(MAX_STOP_CHARACTERS)))
    .check(z.maxLength(MAX_STOPS)),
  constraint: z.nullable(constraint),
  /** Alternatives of each token to give log-probabilities of; null for no log-probabilities at all. */
  topLogprobs: z.nullable(u32.check(z.lte(MAX_TOP_LOGPROBS))),
})
export type GenerateOptions = z.infer<typeof generateOptions>

/** A greedy answer of `maxTokens` tokens that nothing bends and nothing ends before. */
export const greedyOptions = (maxTokens: number): GenerateOptions => ({
  maxTokens,
  sampling: {
    temperature: 0,
    topP: 1,
    topK: 0,
    minP: 0,
    repetitionPenalty: 1,
    presencePenalty: 0,
    frequencyPenalty: 0,
    logitBias: [],
    seed: [0, 0],
  },
  endTokens: [],
  stop: [],
  constraint: null,
  topLogprobs: null,
})

/** Why an answer ended, as it stands in the output `finish`. */
export const finishCodes = {
  /** An end token, a stop string, or the end of the grammar. */
  stop: 0,
  /** `maxTokens` or the context is full. */
  length: 1,
} as const
export type Finish = keyof typeof finishCodes

/**
 * Tensors of a `generate` task. Inputs, in this order:
 *   `prompt`  INT32[n]      the prompt's token ids, n >= 1
 *   `options` UINT8[bytes]  JSON of GenerateOptions
 *   `given`   INT32[m]      tokens of the answer that are there already: another tab made them and is gone
 * Outputs, in this order:
 *   `ids`     INT32[t]      the whole answer, `given` included, end tokens not
 *   `finish`  INT32[1]      finishCodes
 *   and where `topLogprobs` is k: `logprobs` FP32[t], `top_ids` INT32[t, k], `top_logprobs` FP32[t, k]; rows of `given`
 *   tokens hold NaN. Log-probabilities are those of the model (after penalties and bias, temperature 1).
 *
 * Tensors of a `stage` task (S rows of one sequence through a run of stages). Inputs, in this order:
 *   first stage of the model: `ids` INT32[S]; later stages: `hidden` (and `scales`) as hiddenTensors below
 *   and where the range has the head, `options` UINT8[bytes] and `history` INT32[h]: the sequence's ids so far, of
 *   which the first `prompt` INT32[1] are the prompt's; h = 0 where neither penalties nor a grammar need them
 * Outputs: `hidden` (and `scales`), or where the range has the head those of `generate` with t = 1; `finish` is
 * `stop` where the token is an end token (then `ids` is INT32[0]) and else `length`.
 *
 * Hidden states of S rows: f32 `hidden` FP32[S, width]; f16 `hidden` FP16[S, width]; int8 `hidden` INT8[S, width] and
 * `scales` FP16[S, ceil(width / 64)], value = scale * code * |code| / 127 (protocol/hiddenStates.ts).
 */
export function optionsTensor(options: GenerateOptions): Tensor {
  const bytes = new TextEncoder().encode(JSON.stringify(options))
  return { name: 'options', datatype: 'UINT8', shape: [bytes.byteLength], bytes }
}

/** Options that were read, by their tensor's bytes: the steps of an answer over a ring share one tensor. */
const optionsRead = new WeakMap<Uint8Array, GenerateOptions>()

/**
 * The options of a task, read once for each tensor: not to be changed.
 * @throws OpentabError `invalid_value` naming the field
 */
export function optionsOf(inputs: readonly Tensor[]): GenerateOptions {
  const tensor = inputs.find(({ name }) => name === 'options')
  if (!tensor) throw new OpentabError('invalid_value', 'The task has no options.', { param: 'options' })
  const known = optionsRead.get(tensor.bytes)
  if (known) return known
  const options = readOptions(tensor)
  optionsRead.set(tensor.bytes, options)
  return options
}

function readOptions(tensor: Tensor): GenerateOptions {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(tensor.bytes))
  } catch {
    throw new OpentabError('invalid_value', 'The options are not JSON.', { param: 'options' })
  }
  const parsed = generateOptions.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new OpentabError(
    'invalid_value',
    `options.${issue?.path.join('.')}: ${issue?.message ?? 'invalid'}.`,
    {
      param: 'options',
    },
  )
}

/** Name of the output that `generate` ends with beside those above: prompt tokens that the tab had in a cache. */
export const CACHED_OUTPUT = 'cached'

/**
 * The outputs of an answer that are checked and that its receipt commits to: all but `cached`, which says what was in
 * the tab before and nothing about the answer.
 */
export const committedOutputs = (outputs: readonly Tensor[]): Tensor[] =>
  outputs.filter(({ name }, place) => name !== CACHED_OUTPUT || place < outputs.length - 1)
