import type { Logits } from './adjustLogits.ts'
import { isAllowed } from './likeliest.ts'
import { tokenWeight, WEIGHT_RANGE } from './tokenWeight.ts'

/** How much of the beginning of the order is kept: so many tokens, or as many as it takes to reach a sum of weights. */
export type Share = { tokens: number } | { weight: number }

/** Bits of a weight that each pass of a search looks at, from the top. */
const PASSES = [
  { shift: 21, bits: 11 },
  { shift: 10, bits: 11 },
  { shift: 0, bits: 10 },
] as const

/** From 2^21 on, a thousandth of the full weight, a token is heavy: few are, and mostly all that is kept is among them. */
const HEAVY_BITS = 21

/** 1 for what is not 0: a sum in place of a branch, which would be mispredicted at every other token. */
const isSome = (value: number): number => (value | -value) >>> 31

/**
 * The tokens that can be picked, in the order of their ids, with their weights: whole numbers from 1 to 2^31. Filters
 * drop some, and sort nothing. Sums are exact in any order, because 2^21 tokens weigh 2^52 at most.
 */
export class Candidates {
  #ids: Uint32Array
  #weights: Uint32Array
  /** Room for the heavy ones. */
  #otherIds: Uint32Array
  #otherWeights: Uint32Array
  readonly #totals = new Float64Array(2 ** 11)
  #length = 0

  /** `vocabulary`: most tokens that there can be. */
  constructor(vocabulary: number) {
    this.#ids = new Uint32Array(vocabulary)
    this.#weights = new Uint32Array(vocabulary)
    this.#otherIds = new Uint32Array(vocabulary)
    this.#otherWeights = new Uint32Array(vocabulary)
  }

  /**
   * Takes the tokens that are allowed and not too far below the largest logit to have a weight (rules SW1 to SW3).
   * `mask`: u32[ceil(vocabulary / 32)], a 1 bit for each token that is allowed.
   */
  weigh(logits: Logits, largest: number, temperature: number, mask?: Uint32Array): void {
    if (mask === undefined) this.#weighAll(logits, largest, temperature)
    else this.#weighAllowed(logits, largest, temperature, mask)
  }

  // Two loops and not one: asking for the mask at every token doubles the time of the one without.
  #weighAll(logits: Logits, largest: number, temperature: number): void {
    const ids = this.#ids
    const weights = this.#weights
    let length = 0
    for (let id = 0; id < logits.length; id++) {
      const x = (largest - logits[id]!) / temperature
      if (!(x <= WEIGHT_RANGE)) continue
      const weight = tokenWeight(x)
      ids[length] = id
      weights[length] = weight
      length += isSome(weight)
    }
    this.#length = length
  }

  #weighAllowed(logits: Logits, largest: number, temperature: number, mask: Uint32Array): void {
    const ids = this.#ids
    const weights = this.#weights
    let length = 0
    for (let id = 0; id < logits.length; id++) {
      if (!isAllowed(mask, id)) continue
      const x = (largest - logits[id]!) / temperature
      if (!(x <= WEIGHT_RANGE)) continue
      const weight = tokenWeight(x)
      ids[length] = id
      weights[length] = weight
      length += isSome(weight)
    }
    this.#length = length
  }

  sum(): number {
    const [weights, length] = [this.#weights, this.#length]
    let sum = 0
    for (let i = 0; i < length; i++) sum += weights[i]!
    return sum
  }

  /** Keeps what weighs at least this. */
  keepFrom(least: number): void {
    this.#compact(least, 0)
  }

  /** Keeps the beginning of the order: larger weights first, of equal ones lower ids first (rules SK1, SK2, SK4). */
  keepFirst(share: Share): void {
    let left = 'tokens' in share ? share.tokens : share.weight
    this.#narrow(left, share)
    // The smallest weight that is kept, found a few bits in each pass.
    let last = 0
    for (const { shift, bits } of PASSES) {
      this.#measure(last, shift, bits, share)
      const found = this.#reach(left, 2 ** bits)
      if (!found) return
      last = last * 2 ** bits + found.bucket
      left = found.left
    }
    this.#compact(last + 1, tiesToReach(left, 'tokens' in share ? 1 : last))
  }

  /** The token in whose part of the line from 0 to the sum a place lies, the parts lying in the order of the ids. */
  at(place: number): { id: number; weight: number } {
    const [weights, length] = [this.#weights, this.#length]
    let end = 0
    for (let i = 0; i < length; i++) {
      const weight = weights[i]!
      end += weight
      if (end > place) return { id: this.#ids[i]!, weight }
    }
    throw new RangeError(`The weights end at ${end}, before ${place}.`)
  }

  /** Keeps the heavy ones alone where they reach what is kept. */
  #narrow(enough: number, share: Share): void {
    const [ids, weights, length] = [this.#ids, this.#weights, this.#length]
    const [heavyIds, heavyWeights] = [this.#otherIds, this.#otherWeights]
    let heavy = 0
    let sum = 0
    for (let i = 0; i < length; i++) {
      const weight = weights[i]!
      const isHeavy = isSome(weight >>> HEAVY_BITS)
      heavyIds[heavy] = ids[i]!
      heavyWeights[heavy] = weight
      heavy += isHeavy
      sum += weight * isHeavy
    }
    if (('tokens' in share ? heavy : sum) < enough) return
    this.#length = heavy
    ;[this.#ids, this.#otherIds] = [heavyIds, ids]
    ;[this.#weights, this.#otherWeights] = [heavyWeights, weights]
  }

  /** Totals of the buckets of those weights whose higher bits are `above`. */
  #measure(above: number, shift: number, bits: number, share: Share): void {
    const [weights, length, isCount] = [this.#weights, this.#length, 'tokens' in share]
    const totals = this.#totals.fill(0)
    const [from, to] = [above * 2 ** (shift + bits), (above + 1) * 2 ** (shift + bits)]
    const bucketMask = 2 ** bits - 1
    for (let i = 0; i < length; i++) {
      const weight = weights[i]!
      if (weight >= from && weight < to) totals[(weight >>> shift) & bucketMask]! += isCount ? 1 : weight
    }
  }

  /** The bucket, from the top, in which `left` is reached, and what of it that bucket has to bring; null if none does. */
  #reach(left: number, buckets: number): { bucket: number; left: number } | null {
    let missing = left
    for (let bucket = buckets - 1; bucket >= 0; bucket--) {
      const total = this.#totals[bucket]!
      if (total > 0 && total >= missing) return { bucket, left: missing }
      missing -= total
    }
    return null
  }

  /** Keeps what weighs at least `least`, and the first `ties` of those that weigh one less. */
  #compact(least: number, ties: number): void {
    const [ids, weights, length] = [this.#ids, this.#weights, this.#length]
    let [kept, left] = [0, ties]
    for (let i = 0; i < length; i++) {
      const weight = weights[i]!
      if (weight < least && !(weight === least - 1 && left-- > 0)) continue
      ids[kept] = ids[i]!
      weights[kept++] = weight
    }
    this.#length = kept
  }
}

/** How many tokens that bring `each` it takes to reach `left`: one at least. */
function tiesToReach(left: number, each: number): number {
  const ties = Math.max(1, Math.floor(left / each))
  return ties * each < left ? ties + 1 : ties
}
