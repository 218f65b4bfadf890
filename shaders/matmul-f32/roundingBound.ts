import { SMALLEST_NORMAL, UNIT_ROUNDOFF } from '../float/wgslAccuracy.ts'

/**
 * How far an f32 sum of k products may be from the true one, whatever the order of the sum and wherever the device
 * fuses: |c - sum a*b| <= gamma_k * sum |a*b| + k * 2^-125, gamma_k = k u / (1 - k u), u = 2^-24 (Higham, Accuracy and
 * Stability of Numerical Algorithms, 2nd edition, section 3.1: every product passes through at most k roundings). The
 * second term is for products and sums that are flushed to zero. `magnitude` is sum |a*b| of the element; infinite
 * from k = 2^24 on, where the theory gives nothing.
 */
export function matmulF32Bound(k: number, magnitude: number): number {
  const ku = k * UNIT_ROUNDOFF
  if (ku >= 1) return Number.POSITIVE_INFINITY
  return (ku / (1 - ku)) * magnitude + k * 2 * SMALLEST_NORMAL
}
