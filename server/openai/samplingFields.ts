import { z } from 'zod'
import {
  type GenerateOptions,
  MAX_LOGIT_BIASES,
  MAX_STOP_CHARACTERS,
  MAX_STOPS,
  type Sampling,
} from '../../protocol/generation.ts'
import type { LanguageModel } from '../../protocol/language.ts'
import { MAX_CHOICES } from './openaiLimits.ts'
import { refuseValue } from './textFields.ts'

const stopText = z.string().min(1, { error: 'is an empty string' }).max(MAX_STOP_CHARACTERS)
const penalty = z.number().min(-2).max(2)
/** Least probability mass that nucleus sampling keeps: OpenAI takes 0, which keeps the most likely token alone. */
const LEAST_TOP_P = 1e-9

const SEED = 'must be a whole number of 64 bits'

/** Fields that decide how tokens are picked, the same in chat and completions; null is the model's own value. */
export const samplingFields = {
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  /** Not OpenAI's: keeps this many of the most likely tokens; 0 and -1 keep all. */
  top_k: z.int().min(-1).max(0xffffffff).nullish(),
  /** Not OpenAI's: drops tokens less likely than this share of the most likely one. */
  min_p: z.number().min(0).max(1).nullish(),
  /** Not OpenAI's: divides positive and multiplies negative logits of tokens that came before. */
  repetition_penalty: z.number().gt(0).max(100).nullish(),
  presence_penalty: penalty.nullish(),
  frequency_penalty: penalty.nullish(),
  logit_bias: z
    .record(
      z.string().regex(/^\d{1,10}$/, { error: 'has a key that is not a token id' }),
      z.number().min(-100).max(100),
      { error: 'must be an object of token ids and numbers' },
    )
    .refine((bias) => Object.keys(bias).length <= MAX_LOGIT_BIASES, {
      error: `has more than ${MAX_LOGIT_BIASES} entries`,
    })
    .nullish(),
  /** 64 bits, signed or not: a bigint where a JSON number would lose digits. */
  seed: z
    .union([z.number().refine(Number.isInteger, { error: SEED }), z.bigint()], { error: SEED })
    .refine((value) => value >= -(2n ** 63n) && value < 2n ** 64n, { error: SEED })
    .nullish(),
  stop: z
    .union([stopText, z.array(stopText).max(MAX_STOPS)], {
      error: `must be a string or an array of at most ${MAX_STOPS} strings`,
    })
    .nullish(),
  n: z.int().min(1).max(MAX_CHOICES).nullish(),
}

/** Fields of a streamed answer. */
export const streamFields = {
  stream: z.boolean().nullish(),
  stream_options: z
    .strictObject({
      include_usage: z.boolean().nullish(),
      include_obfuscation: z.literal(false, { error: 'must be false: nothing is padded' }).nullish(),
    })
    .nullish(),
}

/** @throws OpentabError `invalid_value` */
export function refuseStreamOptions({
  stream,
  stream_options,
}: {
  stream?: boolean | null | undefined
  stream_options?: object | null | undefined
}): void {
  if (stream_options != null && stream !== true)
    refuseValue('stream_options', 'is only taken where `stream` is true')
}

/** What a request says about picking tokens; null where it says nothing. */
export interface RequestedSampling {
  temperature: number | null
  topP: number | null
  topK: number | null
  minP: number | null
  repetitionPenalty: number | null
  presencePenalty: number
  frequencyPenalty: number
  logitBias: [number, number][]
}

type SamplingInput = z.infer<z.ZodObject<typeof samplingFields>>

export function requestedSampling(fields: SamplingInput): RequestedSampling {
  return {
    temperature: fields.temperature ?? null,
    topP: fields.top_p == null ? null : Math.max(fields.top_p, LEAST_TOP_P),
    topK: fields.top_k == null ? null : Math.max(0, fields.top_k),
    minP: fields.min_p ?? null,
    repetitionPenalty: fields.repetition_penalty ?? null,
    presencePenalty: fields.presence_penalty ?? 0,
    frequencyPenalty: fields.frequency_penalty ?? 0,
    logitBias: Object.entries(fields.logit_bias ?? {}).map(([id, bias]) => [Number(id), bias]),
  }
}

/** Texts that end the answer. */
export const stopsOf = ({ stop }: Pick<SamplingInput, 'stop'>): string[] =>
  stop == null ? [] : typeof stop === 'string' ? [stop] : stop

/** The request's values, else the model's own, else OpenAI's defaults. */
export function samplingOf(
  requested: RequestedSampling,
  { generation }: LanguageModel,
  seed: GenerateOptions['sampling']['seed'],
): Sampling {
  const { logitBias, presencePenalty, frequencyPenalty } = requested
  return {
    temperature: requested.temperature ?? generation.temperature ?? 1,
    topP: requested.topP ?? generation.topP ?? 1,
    topK: requested.topK ?? generation.topK ?? 0,
    minP: requested.minP ?? 0,
    repetitionPenalty: requested.repetitionPenalty ?? generation.repetitionPenalty ?? 1,
    presencePenalty,
    frequencyPenalty,
    logitBias,
    seed,
  }
}

/** @throws OpentabError `invalid_value` for a biased token that the model does not have */
export function refuseForeignTokens(
  ids: Iterable<number>,
  { vocabulary }: LanguageModel,
  param: string,
): void {
  for (const id of ids) {
    if (id >= vocabulary) refuseValue(param, `names token ${id}; the model has ${vocabulary}`)
  }
}
