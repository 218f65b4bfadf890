/** 2^15 * 2^(-below), `below` a u32 in Q17, from a table u32[257]. */
function powerOf(below: number, exp2: Uint32Array): number {
  const halvings = below >>> 17
  if (halvings >= 16) return 0
  const entry = (below >>> 9) & 255
  const upper = exp2[entry]!
  const power = upper - (((upper - exp2[entry + 1]!) * (below & 511) + 256) >>> 9)
  return halvings === 0 ? power : (power + (1 << (halvings - 1))) >>> halvings
}

/** The weights of rule S9 for one query: scores i32[keys] (Q17, units of log2) to u32[keys] (Q16, at most 65536). */
export function softmaxRow(scores: Int32Array, exp2: Uint32Array): Uint32Array<ArrayBuffer> {
  const top = scores.reduce((most, score) => Math.max(most, score), -0x80000000)
  const powers = Uint32Array.from(scores, (score) => powerOf((top - score) >>> 0, exp2))
  const total = powers.reduce((sum, power) => sum + power, 0)
  const zeros = Math.clz32(total)
  const inverse = Math.floor(0x80000000 / ((total << zeros) >>> 16))
  const shift = 31 - zeros
  return powers.map((power) => (Math.imul(power, inverse) + (1 << (shift - 1))) >>> shift)
}

export type AttentionExactShape = {
  rows: number
  before: number
  kvHeads: number
  group: number
  width: number
}

/** Queries, cache and table; names and shapes as in the programs. */
export interface AttentionExactInputs {
  queries: Int32Array
  keys: Int32Array
  values: Int32Array
  exp2: Uint32Array
}

/** Rule S9 of the exact lane; gives y: i32[rows, heads, width], sums modulo 2^32. */
export function attentionExactReference(
  { queries, keys, values, exp2 }: AttentionExactInputs,
  { rows, before, kvHeads, group, width }: AttentionExactShape,
): Int32Array<ArrayBuffer> {
  const heads = kvHeads * group
  const y = new Int32Array(rows * heads * width)
  for (let query = 0; query < rows * heads; query++) {
    const visible = before + Math.floor(query / heads) + 1
    const kvHead = Math.floor((query % heads) / group)
    const at = (key: number) => (key * kvHeads + kvHead) * width
    const scores = new Int32Array(visible)
    for (let key = 0; key < visible; key++) {
      for (let i = 0; i < width; i++) {
        scores[key] = (scores[key]! + Math.imul(queries[query * width + i]!, keys[at(key) + i]!)) | 0
      }
    }
    for (const [key, weight] of softmaxRow(scores, exp2).entries()) {
      for (let i = 0; i < width; i++) {
        const to = query * width + i
        y[to] = (y[to]! + Math.imul(weight, values[at(key) + i]!)) | 0
      }
    }
  }
  return y
}
