import { MAX_TASK_TOKENS, MIN_TASK_TOKENS, WANTED_TASKS } from './embeddingsLimits.ts'

/** Inputs of one task of the embeddings graph. */
export interface TokenBatch {
  /** Indexes of the texts, in the batch's order. */
  members: number[]
  /** Tokens of the longest member. */
  length: number
  /** i64[members, length], padded with 0. */
  ids: BigInt64Array<ArrayBuffer>
  /** i64[members, length]: 1 for a token, 0 for padding. */
  mask: BigInt64Array<ArrayBuffer>
}

/**
 * Cuts texts into tasks of like length, the longest first. Like lengths, because padding costs time and, as the
 * graph quantises activations per batch, accuracy; longest first, because a long task started last keeps all waiting.
 * @param texts token ids of each text
 */
export function tokenBatches(texts: readonly (readonly number[])[]): TokenBatch[] {
  return planBatches(texts.map((ids) => ids.length)).map((members) => {
    const length = texts[members[0]!]!.length
    const ids = new BigInt64Array(members.length * length)
    const mask = new BigInt64Array(members.length * length)
    for (const [place, member] of members.entries()) {
      for (const [at, id] of texts[member]!.entries()) {
        ids[place * length + at] = BigInt(id)
        mask[place * length + at] = 1n
      }
    }
    return { members, length, ids, mask }
  })
}

/** Which texts go together: indexes, longest text first, each batch within a budget of tokens, padding included. */
export function planBatches(lengths: readonly number[]): number[][] {
  const order = lengths.map((_, index) => index).sort((a, b) => lengths[b]! - lengths[a]! || a - b)
  const tokens = lengths.reduce((sum, length) => sum + length, 0)
  const budget = Math.min(MAX_TASK_TOKENS, Math.max(MIN_TASK_TOKENS, Math.ceil(tokens / WANTED_TASKS)))
  const batches: number[][] = []
  for (const index of order) {
    const batch = batches.at(-1)
    if (batch && (batch.length + 1) * lengths[batch[0]!]! <= budget) batch.push(index)
    else batches.push([index])
  }
  return batches
}
