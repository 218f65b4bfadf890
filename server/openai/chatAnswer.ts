import type { ChatBody } from './chatRequest.ts'
import type { Choice } from './choiceText.ts'
import type { TokenUsage } from './languageRun.ts'
import type { TokenLogprob } from './tokenLogprobs.ts'
import type { AnswerPiece } from './toolCallStream.ts'

/** What every object of one answer carries. */
export interface ChatHead {
  id: string
  created: number
  model: string
  system_fingerprint: string
}

export const chatHead = ({ stamp, model }: ChatBody, fingerprint: string): ChatHead => ({
  id: `chatcmpl-${stamp.id}`,
  created: stamp.created,
  model,
  system_fingerprint: fingerprint,
})

export interface ChatUsage {
  prompt_tokens: number
  completion_tokens: number
  total_tokens: number
  prompt_tokens_details: { cached_tokens: number; audio_tokens: number }
  completion_tokens_details: {
    reasoning_tokens: number
    audio_tokens: number
    accepted_prediction_tokens: number
    rejected_prediction_tokens: number
  }
}

export const chatUsage = ({ promptTokens, completionTokens, cachedTokens }: TokenUsage): ChatUsage => ({
  prompt_tokens: promptTokens,
  completion_tokens: completionTokens,
  total_tokens: promptTokens + completionTokens,
  prompt_tokens_details: { cached_tokens: cachedTokens, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
})

/** A chat completion, as the OpenAI API has it. */
export interface ChatCompletion extends ChatHead {
  object: 'chat.completion'
  choices: {
    index: number
    message: {
      role: 'assistant'
      content: string | null
      refusal: null
      tool_calls?: { id: string; type: 'function'; function: { name: string; arguments: string } }[]
    }
    logprobs: { content: TokenLogprob[] | null; refusal: null } | null
    finish_reason: Choice['finish']
  }[]
  usage: ChatUsage
}

export function chatCompletion(
  head: ChatHead,
  choices: readonly Choice[],
  usage: TokenUsage,
): ChatCompletion {
  return {
    object: 'chat.completion',
    ...head,
    choices: choices.map(({ content, calls, logprobs, finish }, index) => ({
      index,
      message: {
        role: 'assistant',
        content: content === '' && calls.length > 0 ? null : content,
        refusal: null,
        ...(calls.length === 0
          ? {}
          : {
              tool_calls: calls.map((call) => ({
                id: call.id,
                type: 'function' as const,
                function: { name: call.name, arguments: call.arguments },
              })),
            }),
      },
      logprobs: logprobs && { content: logprobs, refusal: null },
      finish_reason: finish,
    })),
    usage: chatUsage(usage),
  }
}

/** The delta of one piece of an answer. */
export function chatDelta(piece: AnswerPiece): object {
  switch (piece.kind) {
    case 'content':
      return { content: piece.text }
    case 'call': {
      const call = { name: piece.name, arguments: '' }
      return { tool_calls: [{ index: piece.index, id: piece.id, type: 'function', function: call }] }
    }
    case 'arguments':
      return { tool_calls: [{ index: piece.index, function: { arguments: piece.text } }] }
    default:
      return piece satisfies never
  }
}
