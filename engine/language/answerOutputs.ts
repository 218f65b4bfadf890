import { CACHED_OUTPUT, type Finish, finishCodes } from '../../protocol/generation.ts'
import type { TokenLogprobs } from '../../protocol/sampling/logprobsOf.ts'
import { type Tensor, tensorOf } from '../../protocol/tensor.ts'

export interface Answer {
  ids: readonly number[]
  finish: Finish
  /** Alternatives of each token; null where no log-probabilities were asked for. */
  topLogprobs: number | null
  /** Of the last tokens, as many as were made here. */
  logprobs: readonly TokenLogprobs[]
}

/** The outputs of an answer as they stand in protocol/generation.ts. */
export function answerOutputs({ ids, finish, topLogprobs: k, logprobs }: Answer): Tensor[] {
  const count = ids.length
  const outputs = [
    tensorOf('ids', 'INT32', [count], Int32Array.from(ids)),
    tensorOf('finish', 'INT32', [1], Int32Array.of(finishCodes[finish])),
  ]
  if (k === null) return outputs
  const own = new Float32Array(count).fill(Number.NaN)
  const topIds = new Int32Array(count * k)
  const topValues = new Float32Array(count * k).fill(Number.NaN)
  const first = count - logprobs.length
  for (const [at, [value, top]] of logprobs.entries()) {
    own[first + at] = value
    for (const [rank, [id, logprob]] of top.entries()) {
      topIds[(first + at) * k + rank] = id
      topValues[(first + at) * k + rank] = logprob
    }
  }
  return [
    ...outputs,
    tensorOf('logprobs', 'FP32', [count], own),
    tensorOf('top_ids', 'INT32', [count, k], topIds),
    tensorOf('top_logprobs', 'FP32', [count, k], topValues),
  ]
}

/** The last output of `generate`: prompt tokens that were in a cache. */
export const cachedOutput = (tokens: number): Tensor =>
  tensorOf(CACHED_OUTPUT, 'INT32', [1], Int32Array.of(tokens))
