import type { Sampling } from '../generation.ts'
import type { Logits } from './adjustLogits.ts'
import { isAllowed } from './likeliest.ts'
import { drawAt } from './philox.ts'
import { type Edges, possiblyKept } from './possiblyKept.ts'
import { Sampler } from './sampler.ts'
import type { TokenHistory } from './tokenHistory.ts'

/** One sampler for each set of options, for as long as these are there: an answer is checked token by token. */
const samplers = new WeakMap<Sampling, Sampler>()

function samplerOf(options: Sampling, vocabulary: number): Sampler {
  const known = samplers.get(options)
  if (known?.vocabulary === vocabulary) return known
  const made = new Sampler(options, vocabulary)
  samplers.set(options, made)
  return made
}

/**
 * Whether a token is the pick of these logits or can be the pick of logits whose differences are off by `slack` at most
 * (protocol/SAMPLING.md, rules SC1 to SC7, where the bounds are derived).
 * `logits`: f32[vocabulary] of the checker; `history`, `position` and `mask` as the token was picked with.
 * @throws OpentabError `model_failed` where the checker's own logits allow no pick
 */
export function withinPick(
  logits: Float32Array,
  id: number,
  options: Sampling,
  history: TokenHistory,
  position: number,
  mask: Uint32Array | undefined,
  slack: number,
): boolean {
  const sampler = samplerOf(options, logits.length)
  const best = sampler.pick(logits, history, position, mask)
  if (best.id === id) return true
  if (!(id < logits.length) || (mask && !isAllowed(mask, id))) return false
  const { repetitionPenalty, temperature, seed } = options
  const stretched = slack * Math.max(repetitionPenalty, 1 / repetitionPenalty)
  const adjusted = sampler.adjust(logits, history)
  if (temperature === 0) return adjusted[id]! >= adjusted[best.id]! - stretched
  const edges = possiblyKept(adjusted, options, mask, stretched)
  if (!(adjusted[id]! >= edges.possible)) return false
  const [from, to] = partOf(id, adjusted, edges, mask)
  const [u, rounding] = [drawAt(seed, position), logits.length * 2 ** -31]
  return u >= from - rounding && u < to + rounding
}

/** Where the token's part of the line can begin and end at most (rules SC4, SC5). */
function partOf(id: number, logits: Logits, edges: Edges, mask?: Uint32Array): [number, number] {
  const { weigh, factor, possible, sure } = edges
  const before = { possibly: 0, surely: 0 }
  const after = { possibly: 0, surely: 0 }
  for (let other = 0; other < logits.length; other++) {
    const logit = logits[other]!
    if (!(logit >= possible) || other === id || (mask && !isAllowed(mask, other))) continue
    const side = other < id ? before : after
    const weight = weigh(logit)
    side.possibly += weight
    if (logit >= sure) side.surely += weight
  }
  const own = weigh(logits[id]!)
  return [
    before.surely / (before.surely + factor * (own + after.possibly)),
    (factor * (before.possibly + own)) / (factor * (before.possibly + own) + after.surely),
  ]
}
