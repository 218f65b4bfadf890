import type { ChatUsage } from './chatAnswer.ts'
import type { CompletionBody } from './completionRequest.ts'
import type { TokenLogprob } from './tokenLogprobs.ts'

/** Log-probabilities as completions have them: lists side by side. */
export interface CompletionLogprobs {
  tokens: string[]
  token_logprobs: number[]
  top_logprobs: Record<string, number>[]
  /** Where each token's text begins in the answer, characters. */
  text_offset: number[]
}

export interface CompletionHead {
  id: string
  object: 'text_completion'
  created: number
  model: string
  system_fingerprint: string
}

/** A completion, as the OpenAI API has it. */
export interface Completion extends CompletionHead {
  choices: {
    index: number
    text: string
    logprobs: CompletionLogprobs | null
    finish_reason: 'stop' | 'length'
  }[]
  usage: ChatUsage
}

export const completionHead = ({ stamp, model }: CompletionBody, fingerprint: string): CompletionHead => ({
  id: `cmpl-${stamp.id}`,
  object: 'text_completion',
  created: stamp.created,
  model,
  system_fingerprint: fingerprint,
})

/** @param offset where the first token's text begins in the answer, characters */
export function completionLogprobs(logprobs: readonly TokenLogprob[], offset: number): CompletionLogprobs {
  const made: CompletionLogprobs = { tokens: [], token_logprobs: [], top_logprobs: [], text_offset: [] }
  let at = offset
  for (const { token, logprob, top_logprobs } of logprobs) {
    made.tokens.push(token)
    made.token_logprobs.push(logprob)
    made.top_logprobs.push(Object.fromEntries(top_logprobs.map((other) => [other.token, other.logprob])))
    made.text_offset.push(at)
    at += token.length
  }
  return made
}
