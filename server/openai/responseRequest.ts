import { z } from 'zod'
import { type Constraint, MAX_TOP_LOGPROBS } from '../../protocol/generation.ts'
import { inertFields, parseRequestBody } from '../pipelines/requestBody.ts'
import { templateMessages } from './chatMessages.ts'
import { type ChatBody, fieldOf, reasoningEffort, refuseReasoning, refuseTwoForms } from './chatRequest.ts'
import { MAX_TOOLS } from './openaiLimits.ts'
import { refuseHugeBody } from './refuseHugeBody.ts'
import { refuseMedia } from './refuseMedia.ts'
import { stampRequest } from './requestStamp.ts'
import { namedSchema, schemaConstraint } from './responseFormat.ts'
import { messagesOfItems, refuseOtherItems, responseInput, withItemTypes } from './responseInput.ts'
import { requestedSampling, samplingFields, streamFields } from './samplingFields.ts'
import { refuseField, refuseValue, withoutNulls } from './textFields.ts'
import { functionFields, readTools, refuseOtherTools, type ToolChoice } from './tools.ts'

/** What a responses job is made from: a conversation of one answer, and what the answer repeats of the request. */
export interface ResponseBody extends Omit<ChatBody, 'choices' | 'includeUsage'> {
  shown: {
    instructions: string | null
    max_output_tokens: number | null
    metadata: Record<string, unknown>
    parallel_tool_calls: boolean
    temperature: number | null
    text: object
    tool_choice: unknown
    tools: object[]
    top_logprobs: number
    top_p: number | null
    user: string | null
  }
}

const functionOnly = z.literal('function', { error: 'must be `function`' })
const named = z.strictObject({ type: functionOnly, name: functionFields.name })
const { temperature, top_p, top_k, min_p, repetition_penalty, seed } = samplingFields

const responseRequest = z.strictObject({
  model: z.string().min(1),
  input: responseInput,
  instructions: z.string().nullish(),
  max_output_tokens: z.int().min(1).max(0xffffffff).nullish(),
  temperature,
  top_p,
  top_k,
  min_p,
  repetition_penalty,
  seed,
  stream: streamFields.stream,
  stream_options: z
    .strictObject({
      include_obfuscation: z.literal(false, { error: 'must be false: nothing is padded' }).nullish(),
    })
    .nullish(),
  ...inertFields,
  include: z.array(z.literal('message.output_text.logprobs')).nullish(),
  top_logprobs: z.int().min(0).max(MAX_TOP_LOGPROBS).nullish(),
  text: z
    .strictObject({
      format: z
        .discriminatedUnion(
          'type',
          [
            z.strictObject({ type: z.literal('text') }),
            z.strictObject({ type: z.literal('json_object') }),
            z.strictObject({
              type: z.literal('json_schema'),
              ...namedSchema,
              schema: z.record(z.string(), z.unknown(), { error: 'must be an object' }),
            }),
          ],
          { error: 'must be `text`, `json_object` or `json_schema`' },
        )
        .nullish(),
    })
    .nullish(),
  tools: z
    .array(z.strictObject({ type: functionOnly, ...functionFields }))
    .max(MAX_TOOLS)
    .nullish(),
  tool_choice: z
    .union(
      [
        z.enum(['none', 'auto', 'required']),
        named,
        z.strictObject({
          type: z.literal('allowed_tools'),
          mode: z.enum(['auto', 'required']),
          tools: z.array(named).min(1).max(MAX_TOOLS),
        }),
      ],
      { error: 'must be `none`, `auto`, `required`, a function or `allowed_tools`' },
    )
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  reasoning: z
    .strictObject({ effort: reasoningEffort, summary: z.null({ error: 'is not taken' }).optional() })
    .nullish(),
  truncation: z
    .literal('disabled', { error: 'must be `disabled`: nothing is left out of a prompt' })
    .nullish(),
  background: z.literal(false, { error: 'must be false; background work goes to /v1/jobs' }).nullish(),
})
type Fields = z.infer<typeof responseRequest>

/** Fields of OpenAI's that are not taken, and that clients may send as null. */
const KNOWN = [
  'access_programs',
  'context_management',
  'conversation',
  'image',
  'max_tool_calls',
  'moderation',
  'previous_response_id',
  'prompt',
  'prompt_cache_options',
  'prompt_cache_retention',
]

/**
 * The body of a responses call. Nothing is kept between calls: what refers to an earlier one is refused.
 * @throws OpentabError `invalid_value`, `unsupported_parameter`, each naming the field
 */
export function parseResponseRequest(body: unknown, nowMs: number): ResponseBody {
  refuseHugeBody(body)
  refuseStateful(body)
  refuseReasoning(fieldOf(fieldOf(body, 'reasoning'), 'effort'), 'reasoning.effort')
  refuseMedia(fieldOf(body, 'input'), 'input')
  refuseOtherItems(fieldOf(body, 'input'))
  refuseOtherTools(fieldOf(body, 'tools'))
  const fields = parseRequestBody(responseRequest, withTypes(withoutNulls(body, KNOWN)))
  if (fields.stream_options != null && fields.stream !== true)
    refuseValue('stream_options', 'is only taken where `stream` is true')
  const wantsLogprobs = fields.include?.includes('message.output_text.logprobs') ?? false
  if (fields.top_logprobs != null && fields.top_logprobs > 0 && !wantsLogprobs)
    refuseValue('top_logprobs', 'is only taken where `include` has `message.output_text.logprobs`')
  const tools = readTools(
    fields.tools?.length ? fields.tools : null,
    toolChoice(fields.tool_choice),
    fields.parallel_tool_calls ?? true,
    (i) => `tools[${i}]`,
  )
  const constraint = constraintOf(fields)
  refuseTwoForms(tools, constraint !== null, 'text.format')
  return {
    model: fields.model,
    stamp: stampRequest(nowMs, fields.seed),
    messages: templateMessages(messagesOfItems(fields.input, fields.instructions ?? null), 'input'),
    tools,
    request: {
      sampling: requestedSampling(fields),
      maxTokens: fields.max_output_tokens ?? null,
      maxTokensField: 'max_output_tokens',
      stops: [],
      constraint,
      topLogprobs: wantsLogprobs ? (fields.top_logprobs ?? 0) : null,
    },
    stream: fields.stream ?? false,
    shown: shownOf(fields),
  }
}

/** @throws OpentabError `unsupported_parameter` */
function refuseStateful(body: unknown): void {
  if (fieldOf(body, 'store') === true)
    refuseField(
      'store',
      'nothing is kept for later calls',
      'Send `store: false`, and the whole history as `input`.',
    )
  for (const field of ['previous_response_id', 'conversation', 'prompt']) {
    if ((fieldOf(body, field) ?? null) !== null)
      refuseField(field, 'nothing is kept between calls', 'Send the whole history as `input`.')
  }
}

const withTypes = (body: unknown): unknown =>
  fieldOf(body, 'input') === undefined
    ? body
    : { ...(body as object), input: withItemTypes(fieldOf(body, 'input')) }

function toolChoice(choice: Fields['tool_choice']): ToolChoice {
  if (choice == null) return { mode: 'auto', names: null }
  if (typeof choice === 'string') return { mode: choice, names: null }
  if (choice.type === 'function') return { mode: 'required', names: [choice.name] }
  return { mode: choice.mode, names: choice.tools.map(({ name }) => name) }
}

function constraintOf({ text }: Fields): Constraint | null {
  const format = text?.format
  switch (format?.type) {
    case undefined:
    case 'text':
      return null
    case 'json_object':
      return { kind: 'json_object' }
    case 'json_schema':
      return schemaConstraint(format.schema, format.strict ?? false, 'text.format.schema')
    default:
      return format satisfies never
  }
}

const shownOf = (fields: Fields): ResponseBody['shown'] => ({
  instructions: fields.instructions ?? null,
  max_output_tokens: fields.max_output_tokens ?? null,
  metadata: fields.metadata ?? {},
  parallel_tool_calls: fields.parallel_tool_calls ?? true,
  temperature: fields.temperature ?? null,
  text: { format: fields.text?.format ?? { type: 'text' } },
  tool_choice: fields.tool_choice ?? 'auto',
  tools: fields.tools ?? [],
  top_logprobs: fields.top_logprobs ?? 0,
  top_p: fields.top_p ?? null,
  user: fields.user ?? null,
})
