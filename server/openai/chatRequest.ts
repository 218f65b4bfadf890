import { z } from 'zod'
import { MAX_TOP_LOGPROBS } from '../../protocol/generation.ts'
import { inertFields, parseRequestBody } from '../pipelines/requestBody.ts'
import { chatMessages, type TemplateMessage, templateMessages } from './chatMessages.ts'
import type { GenerationRequest } from './languageRun.ts'
import { refuseHugeBody } from './refuseHugeBody.ts'
import { refuseMedia } from './refuseMedia.ts'
import { type RequestStamp, stampRequest } from './requestStamp.ts'
import { constraintOf, responseFormat } from './responseFormat.ts'
import {
  refuseStreamOptions,
  requestedSampling,
  samplingFields,
  stopsOf,
  streamFields,
} from './samplingFields.ts'
import { refuseField, refuseValue, withoutNulls } from './textFields.ts'
import { chatToolChoice, chatToolFields, readTools, refuseOtherTools, type ToolUse } from './tools.ts'

/** What a chat job is made from. */
export interface ChatBody {
  /** Name of the model. */
  model: string
  stamp: RequestStamp
  messages: TemplateMessage[]
  tools: ToolUse | null
  /** Answers to make. */
  choices: number
  request: GenerationRequest
  stream: boolean
  /** Whether a stream ends with a chunk of usage. */
  includeUsage: boolean
}

const count = z.int().min(1).max(0xffffffff).nullish()

/**
 * Models answer at once: the one effort that is taken is none. (Whatever else is refused by name below.)
 */
export const reasoningEffort = z.literal('none', { error: 'must be `none`' }).nullish()

const chatRequest = z.strictObject({
  model: z.string().min(1),
  messages: chatMessages,
  ...samplingFields,
  ...streamFields,
  ...chatToolFields,
  ...inertFields,
  max_tokens: count,
  max_completion_tokens: count,
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(MAX_TOP_LOGPROBS).nullish(),
  response_format: responseFormat.nullish(),
  reasoning_effort: reasoningEffort,
  modalities: z
    .array(z.literal('text', { error: 'must be `text`: models here make text only' }))
    .min(1)
    .nullish(),
})

/** Fields of OpenAI's that are not taken, and that clients may send as null. */
const KNOWN = [
  'audio',
  'function_call',
  'functions',
  'moderation',
  'prediction',
  'prompt_cache_options',
  'prompt_cache_retention',
  'verbosity',
  'web_search_options',
]

/**
 * The body of a chat completions call.
 * @throws OpentabError `invalid_value`, `unsupported_parameter`, each naming the field
 */
export function parseChatRequest(body: unknown, nowMs: number): ChatBody {
  refuseHugeBody(body)
  refuseReasoning(fieldOf(body, 'reasoning_effort'), 'reasoning_effort')
  refuseMedia(fieldOf(body, 'messages'), 'messages')
  refuseOtherTools(fieldOf(body, 'tools'))
  const fields = parseRequestBody(chatRequest, withoutNulls(body, KNOWN))
  refuseStreamOptions(fields)
  if (fields.max_tokens != null && fields.max_completion_tokens != null)
    refuseValue('max_tokens', 'cannot be given together with `max_completion_tokens`', 'Give one of them.')
  if (fields.top_logprobs != null && fields.logprobs !== true)
    refuseValue('top_logprobs', 'is only taken where `logprobs` is true')
  const tools = readTools(
    fields.tools?.map((tool) => tool.function),
    chatToolChoice(fields.tool_choice),
    fields.parallel_tool_calls ?? true,
    (i) => `tools[${i}].function`,
  )
  const constraint = constraintOf(fields.response_format)
  refuseTwoForms(tools, constraint !== null, 'response_format')
  return {
    model: fields.model,
    stamp: stampRequest(nowMs, fields.seed),
    messages: templateMessages(fields.messages),
    tools,
    choices: fields.n ?? 1,
    request: {
      sampling: requestedSampling(fields),
      maxTokens: fields.max_completion_tokens ?? fields.max_tokens ?? null,
      maxTokensField: fields.max_completion_tokens == null ? 'max_tokens' : 'max_completion_tokens',
      stops: stopsOf(fields),
      constraint,
      topLogprobs: fields.logprobs === true ? (fields.top_logprobs ?? 0) : null,
    },
    stream: fields.stream ?? false,
    includeUsage: fields.stream_options?.include_usage ?? false,
  }
}

/** @throws OpentabError `unsupported_parameter` for an effort other than none */
export function refuseReasoning(effort: unknown, param: string): void {
  if (typeof effort === 'string' && effort !== 'none')
    refuseField(param, 'models here answer without reasoning', `Leave \`${param}\` out, or send \`none\`.`)
}

/** No grammar says "this schema, or calls". @throws OpentabError `unsupported_parameter` */
export function refuseTwoForms(tools: ToolUse | null, hasConstraint: boolean, param: string): void {
  if (tools && hasConstraint)
    refuseField(
      param,
      'an answer that may call tools cannot be held to JSON as well',
      'Send `tool_choice: "none"`, or one of the two.',
    )
}

export const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined
