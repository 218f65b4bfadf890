import type { Sampling } from '../generation.ts'

/** Options that change nothing, greedy, for tests to build on. */
export const plainSampling: Sampling = {
  temperature: 0,
  topP: 1,
  topK: 0,
  minP: 0,
  repetitionPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  logitBias: [],
  seed: [0, 0],
}

export const noHistory = { prompt: [], answer: [] }

/** A mask over `vocabulary` tokens with the bits of these ids. */
export function maskOf(ids: readonly number[], vocabulary: number): Uint32Array {
  const mask = new Uint32Array(Math.ceil(vocabulary / 32))
  for (const id of ids) mask[id >>> 5]! |= 1 << (id & 31)
  return mask
}
