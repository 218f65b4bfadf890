import type { Logits } from './adjustLogits.ts'

/** A token's own log-probability, and [id, log-probability] of the most likely tokens, most likely first. */
export type TokenLogprobs = [number, [number, number][]]

/**
 * Log-probabilities of one position at temperature 1, of logits with biases and penalties (`Sampler.adjust`); masks,
 * top_k, min_p and top_p do not change them (rule SB1). They are reported and not replayed, so the platform's exp and log do.
 * `k`: how many of the most likely tokens to give.
 */
export function logprobsOf(logits: Logits, id: number, k: number): TokenLogprobs {
  const top = topTokens(logits, k)
  const largest = top[0]?.[1] ?? largestOf(logits)
  let sum = 0
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! - largest)
  const base = largest + Math.log(sum)
  return [logits[id]! - base, top.map(([other, logit]) => [other, logit - base])]
}

function largestOf(logits: Logits): number {
  let largest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < logits.length; i++) if (logits[i]! > largest) largest = logits[i]!
  return largest
}

/** [id, logit] of the k largest logits, largest first, of equal ones the lowest id first. */
function topTokens(logits: Logits, k: number): [number, number][] {
  const top: [number, number][] = []
  if (k === 0) return top
  let least = Number.NEGATIVE_INFINITY
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!
    if (top.length === k && logit <= least) continue
    let place = top.length
    while (place > 0 && top[place - 1]![1] < logit) place--
    top.splice(place, 0, [id, logit])
    if (top.length > k) top.pop()
    least = top.at(-1)![1]
  }
  return top
}
