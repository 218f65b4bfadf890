import type { Choice } from './choiceText.ts'
import type { TokenUsage } from './languageRun.ts'
import type { ResponseBody } from './responseRequest.ts'
import type { TokenLogprob } from './tokenLogprobs.ts'

export interface OutputText {
  type: 'output_text'
  text: string
  annotations: never[]
  logprobs: TokenLogprob[]
}
type ItemStatus = 'in_progress' | 'completed' | 'incomplete'
export type OutputItem =
  | { id: string; type: 'message'; status: ItemStatus; role: 'assistant'; content: OutputText[] }
  | {
      id: string
      type: 'function_call'
      status: ItemStatus
      call_id: string
      name: string
      arguments: string
    }

/** A response, as the OpenAI API has it. */
export interface ResponseObject {
  id: string
  object: 'response'
  created_at: number
  status: 'in_progress' | 'completed' | 'incomplete'
  error: null
  incomplete_details: { reason: 'max_output_tokens' } | null
  model: string
  output: OutputItem[]
  usage: {
    input_tokens: number
    input_tokens_details: { cached_tokens: number }
    output_tokens: number
    output_tokens_details: { reasoning_tokens: number }
    total_tokens: number
  } | null
  /** What of the request it repeats, and what it never has. */
  [field: string]: unknown
}

export const outputText = (text: string, logprobs: TokenLogprob[] | null): OutputText => ({
  type: 'output_text',
  text,
  annotations: [],
  logprobs: logprobs ?? [],
})

export const messageId = ({ stamp }: ResponseBody): string => `msg_${stamp.id}`
export const callItemId = (callId: string): string => callId.replace(/^call_/, 'fc_')

/** The response before its first token. */
export const responseBegun = (body: ResponseBody, fingerprint: string): ResponseObject => ({
  id: `resp_${body.stamp.id}`,
  object: 'response',
  created_at: body.stamp.created,
  status: 'in_progress',
  background: false,
  error: null,
  incomplete_details: null,
  model: body.model,
  output: [],
  previous_response_id: null,
  reasoning: { effort: null, summary: null },
  service_tier: 'default',
  store: false,
  system_fingerprint: fingerprint,
  truncation: 'disabled',
  usage: null,
  ...body.shown,
})

export function responseEnded(
  body: ResponseBody,
  fingerprint: string,
  choice: Choice,
  { promptTokens, completionTokens, cachedTokens }: TokenUsage,
): ResponseObject {
  const isCut = choice.finish === 'length'
  const last = choice.order.at(-1)
  const output = choice.order.map((part): OutputItem => {
    // The part that was under way when the tokens ran out is not whole.
    const status = isCut && part === last ? 'incomplete' : 'completed'
    if (part === 'content') {
      const content = [outputText(choice.content, choice.logprobs)]
      return { id: messageId(body), type: 'message', status, role: 'assistant', content }
    }
    const { id, name, arguments: args } = choice.calls[part]!
    return { id: callItemId(id), type: 'function_call', status, call_id: id, name, arguments: args }
  })
  return {
    ...responseBegun(body, fingerprint),
    status: isCut ? 'incomplete' : 'completed',
    incomplete_details: isCut ? { reason: 'max_output_tokens' } : null,
    output,
    usage: {
      input_tokens: promptTokens,
      input_tokens_details: { cached_tokens: cachedTokens },
      output_tokens: completionTokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: promptTokens + completionTokens,
    },
  }
}
