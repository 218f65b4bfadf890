import golden from './golden.json' with { type: 'json' }

/** One row of the vectors of rule S1: a, p, s and the result. */
export type MulshiftVector = readonly [a: number, p: number, s: number, result: number]

/**
 * Vectors that an implementation in another language (numpy) made once: `mulshift` of S1, `quant` of S3, `rmsnorm` of
 * S4 without its last step, `linear` of S5, `rope` of S8, `softmax_row` of S9, `silumul` of S10.
 */
export const goldenVectors = { ...golden, mulshift: golden.mulshift as unknown as readonly MulshiftVector[] }
