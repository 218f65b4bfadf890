import type { Sampling } from '../generation.ts'
import type { Logits } from './adjustLogits.ts'
import { isAllowed } from './likeliest.ts'

/** e^700 is near the largest double: further apart, weights are as good as infinite or nothing. */
const LARGEST_EXPONENT = 700
const LARGEST_FACTOR = 600

/** What top_k, min_p and top_p keep of logits whose differences may be off by a slack. */
export interface Edges {
  /** Least logit that some logits within the slack keep. */
  possible: number
  /** Least logit that all of them keep; Infinity where there is none. */
  sure: number
  /** e^-x of a logit (rule SW1), not rounded. */
  weigh(logit: number): number
  /** How far weights may be off against one another: e^(slack / temperature). */
  factor: number
}

/**
 * The edges of rules SC5 and SC6. A checker asks for them only where a token is not the pick itself, so this sorts.
 * `slack`: by how much the difference of two of these logits may be off.
 */
export function possiblyKept(
  logits: Logits,
  options: Sampling,
  mask: Uint32Array | undefined,
  slack: number,
): Edges {
  const { temperature, topK, minP, topP } = options
  // Largest first.
  const sorted = candidateLogits(logits, mask).sort().reverse()
  const largest = sorted[0]!
  const weigh = (logit: number): number =>
    Math.exp(-Math.min((largest - logit) / temperature, LARGEST_EXPONENT))
  const factor = Math.exp(Math.min(slack / temperature, LARGEST_FACTOR))

  let [possible, sure] = [sorted.length, sorted.length]
  if (topK > 0 && topK < sorted.length) {
    possible = countWhile(sorted, (logit) => logit >= sorted[topK - 1]! - slack)
    sure = countWhile(sorted, (logit) => logit > sorted[topK]! + slack)
  }
  if (minP > 0) {
    const least = largest + temperature * Math.log(minP)
    possible = Math.min(
      possible,
      countWhile(sorted, (logit) => logit >= least - slack),
    )
    sure = Math.min(
      sure,
      countWhile(sorted, (logit) => logit >= least + slack),
    )
  }
  if (topP < 1) {
    const sums = runningSums(sorted, weigh)
    const rounding = logits.length * 2 ** -31
    const isPossible = (_: number, i: number): boolean => {
      const above = sums[countWhile(sorted, (logit) => logit > sorted[i]! + slack)]!
      return above / (above + factor * (sums[possible]! - above)) < topP + rounding
    }
    const isSure = (_: number, i: number): boolean => {
      const reach = countWhile(sorted, (logit) => logit >= sorted[i]! - slack)
      const own = weigh(sorted[i]!)
      const above = factor * (sums[Math.min(reach, possible)]! - own)
      const rest = own + Math.max(0, sums[sure]! - sums[reach]!)
      return above / (above + rest) < topP - rounding
    }
    ;[possible, sure] = [
      countWhile(sorted.subarray(0, possible), isPossible),
      countWhile(sorted.subarray(0, sure), isSure),
    ]
  }
  return {
    possible: sorted[possible - 1] ?? largest,
    sure: sorted[sure - 1] ?? Number.POSITIVE_INFINITY,
    weigh,
    factor,
  }
}

function candidateLogits(logits: Logits, mask: Uint32Array | undefined): Float64Array {
  const found = new Float64Array(logits.length)
  let count = 0
  for (let id = 0; id < logits.length; id++) {
    const isCandidate = logits[id]! > Number.NEGATIVE_INFINITY && (!mask || isAllowed(mask, id))
    if (isCandidate) found[count++] = logits[id]!
  }
  return found.subarray(0, count)
}

/** Entry i is the weight of the first i. */
function runningSums(sorted: Float64Array, weigh: (logit: number) => number): Float64Array {
  const sums = new Float64Array(sorted.length + 1)
  for (let i = 0; i < sorted.length; i++) sums[i + 1] = sums[i]! + weigh(sorted[i]!)
  return sums
}

/** How many at the beginning fulfil what no later one does once one has not. */
function countWhile(sorted: Float64Array, holds: (logit: number, index: number) => boolean): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(sorted[middle]!, middle)) low = middle + 1
    else high = middle
  }
  return low
}
