import { OpentabError } from '../errors.ts'
import type { Logits } from './adjustLogits.ts'

/**
 * The candidate with the largest logit, of equal ones the lowest id (rules SL6, SL7, SP1).
 * `mask`: u32[ceil(vocabulary / 32)], a 1 bit for each token that is allowed; all are where there is none.
 * @throws OpentabError `model_failed` where an allowed token's logit is NaN or +Infinity, or there is no candidate
 */
export function likeliest(logits: Logits, mask?: Uint32Array): number {
  const best = mask === undefined ? largestOfAll(logits) : largestOfAllowed(logits, mask)
  if (best < 0) {
    throw new OpentabError(
      'model_failed',
      `None of ${logits.length} tokens can be picked: each is excluded or has the logit -Infinity.`,
    )
  }
  return best
}

/** Whether the mask has a token's bit; tokens beyond its end are not allowed. */
export function isAllowed(mask: Uint32Array, id: number): boolean {
  return ((mask[id >>> 5]! >>> (id & 31)) & 1) === 1
}

// Two loops, because asking for the mask at every token slows down the one without.

function largestOfAll(logits: Logits): number {
  let best = -1
  let largest = Number.NEGATIVE_INFINITY
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!
    // False for NaN, which goes on to be refused.
    if (logit <= largest) continue
    if (!(logit < Number.POSITIVE_INFINITY)) throw notANumber(id, logit)
    largest = logit
    best = id
  }
  return best
}

function largestOfAllowed(logits: Logits, mask: Uint32Array): number {
  let best = -1
  let largest = Number.NEGATIVE_INFINITY
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!
    if (logit <= largest || !isAllowed(mask, id)) continue
    if (!(logit < Number.POSITIVE_INFINITY)) throw notANumber(id, logit)
    largest = logit
    best = id
  }
  return best
}

function notANumber(id: number, logit: number): OpentabError {
  return new OpentabError('model_failed', `The model gave token ${id} the logit ${logit}.`)
}
