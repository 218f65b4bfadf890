import type { Finish, GenerateOptions } from '../../protocol/generation.ts'
import type { ServedModel } from '../../protocol/manifest.ts'

/** One answer that a language model is asked for. */
export interface AnswerRequest {
  model: ServedModel
  /** Token ids of the prompt, at least one; prompt and `maxTokens` fit the model's context. */
  prompt: readonly number[]
  options: GenerateOptions
}

/** Tokens of an answer, in order and once each, whatever became of the tab that began it. */
export interface AnswerChunk {
  /** Place of the first of these in the answer. */
  from: number
  ids: readonly number[]
  /** Where they were asked for: each token's log-probability and [id, log-probability] of the alternatives. */
  logprobs?: readonly [number, readonly (readonly [number, number])[]][]
  /** The last chunk of all: the answer is whole, and what is still due are its checks. It comes once. */
  end?: Pick<Answer, 'finish' | 'cachedTokens'>
}

/** An answer that has ended. */
export interface Answer {
  /** All its tokens; a stop string's are among them, end tokens are not. */
  ids: readonly number[]
  finish: Finish
  /** Prompt tokens that a tab held in its cache, as it says. */
  cachedTokens: number
  /** Where they were asked for: of all its tokens, as in AnswerChunk. */
  logprobs?: AnswerChunk['logprobs']
  /** Device classes of the tabs that worked on it, in the order of the stages. */
  deviceClasses: readonly string[]
}
