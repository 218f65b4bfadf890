import { SMALLEST_NORMAL, UNIT_ROUNDOFF } from '../float/wgslAccuracy.ts'

/**
 * How far an f32 sum of n numbers may be from the true one, in whatever order: gamma_{n-1} * sum |x| + 2n * 2^-126,
 * gamma_j = j u / (1 - j u), u = 2^-24 (Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition,
 * section 4.2: every number passes through at most n - 1 additions). The second term is for numbers and sums that are
 * flushed to zero. `magnitude` is sum |x|; infinite from n = 2^24 on, where the theory gives nothing.
 */
export function sumBound(n: number, magnitude: number): number {
  const additions = Math.max(n - 1, 0) * UNIT_ROUNDOFF
  if (additions >= 1) return Number.POSITIVE_INFINITY
  return (additions / (1 - additions)) * magnitude + 2 * n * SMALLEST_NORMAL
}
