import { z } from 'zod'
import { OpentabError } from '../../protocol/errors.ts'
import { inertFields, parseRequestBody } from '../pipelines/requestBody.ts'
import { fieldOf } from './chatRequest.ts'
import type { GenerationRequest } from './languageRun.ts'
import { MAX_COMPLETION_LOGPROBS, MAX_PROMPTS } from './openaiLimits.ts'
import { refuseHugeBody } from './refuseHugeBody.ts'
import { type RequestStamp, stampRequest } from './requestStamp.ts'
import {
  refuseStreamOptions,
  requestedSampling,
  samplingFields,
  stopsOf,
  streamFields,
} from './samplingFields.ts'
import { refuseField, refuseValue, withoutNulls } from './textFields.ts'

/** A prompt as text or as token ids of the model. */
export type Prompt = string | number[]

/** What a completions job is made from. */
export interface CompletionBody {
  model: string
  stamp: RequestStamp
  prompts: Prompt[]
  /** Answers to each prompt. */
  choices: number
  /** Whether each answer begins with its prompt. */
  echo: boolean
  request: GenerationRequest
  stream: boolean
  includeUsage: boolean
}

/** OpenAI's: a completions call says how much it wants. */
const DEFAULT_MAX_TOKENS = 16

const tokenIds = z.array(z.int().min(0).max(0xffffffff)).min(1, { error: 'is an empty array' })
const text = z.string().min(1, { error: 'is an empty string' })

const completionRequest = z.strictObject({
  model: z.string().min(1),
  prompt: z.union(
    [text, tokenIds, z.array(text).min(1).max(MAX_PROMPTS), z.array(tokenIds).min(1).max(MAX_PROMPTS)],
    {
      error: `must be a string, an array of token ids, or an array of at most ${MAX_PROMPTS} of one of them`,
    },
  ),
  ...samplingFields,
  ...streamFields,
  ...inertFields,
  max_tokens: z.int().min(1).max(0xffffffff).nullish(),
  echo: z.boolean().nullish(),
  logprobs: z.int().min(0).max(MAX_COMPLETION_LOGPROBS).nullish(),
  best_of: z.int().min(1).max(20).nullish(),
})

/**
 * The body of a completions call.
 * @throws OpentabError `invalid_value`, `unsupported_parameter`, each naming the field
 */
export function parseCompletionRequest(body: unknown, nowMs: number): CompletionBody {
  refuseHugeBody(body)
  refuseNoOrManyPrompts(fieldOf(body, 'prompt'))
  const fields = parseRequestBody(completionRequest, withoutNulls(body, ['suffix']))
  refuseStreamOptions(fields)
  const choices = fields.n ?? 1
  if (fields.best_of != null && fields.best_of !== choices)
    refuseField('best_of', 'every answer that is made is given', 'Leave it out, or send the same as `n`.')
  if (fields.echo && fields.logprobs != null)
    refuseField('logprobs', 'is not taken together with `echo`: prompts have no log-probabilities here')
  const { prompt } = fields
  return {
    model: fields.model,
    stamp: stampRequest(nowMs, fields.seed),
    prompts: typeof prompt === 'string' ? [prompt] : isIds(prompt) ? [prompt] : (prompt as Prompt[]),
    choices,
    echo: fields.echo ?? false,
    request: {
      sampling: requestedSampling(fields),
      maxTokens: fields.max_tokens ?? DEFAULT_MAX_TOKENS,
      maxTokensField: 'max_tokens',
      stops: stopsOf(fields),
      constraint: null,
      topLogprobs: fields.logprobs ?? null,
    },
    stream: fields.stream ?? false,
    includeUsage: fields.stream_options?.include_usage ?? false,
  }
}

const isIds = (prompt: Prompt[] | number[]): prompt is number[] => typeof prompt[0] === 'number'

/** @throws OpentabError `invalid_value` */
function refuseNoOrManyPrompts(prompt: unknown): void {
  if (prompt === '' || (Array.isArray(prompt) && prompt.length === 0)) refuseValue('prompt', 'is empty')
  if (Array.isArray(prompt) && typeof prompt[0] !== 'number' && prompt.length > MAX_PROMPTS)
    refuseValue(
      'prompt',
      `holds ${prompt.length} prompts; a call takes at most ${MAX_PROMPTS}`,
      'Send them in several calls.',
    )
  if (prompt === null)
    throw new OpentabError('invalid_value', '`prompt` is null.', { param: 'prompt', fix: 'Send a text.' })
}
