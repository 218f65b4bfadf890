/** Smallest normal f16; a device may flush what is smaller to zero. */
export const SMALLEST_NORMAL_HALF = 2 ** -14

/**
 * How far an f16 may be from the number of this size that it was rounded from: one unit in the last place, since WGSL
 * leaves open whether it is rounded up or down (section 15.7.6), or the whole number where it may be flushed to zero.
 */
export function halfRounding(magnitude: number): number {
  if (magnitude < SMALLEST_NORMAL_HALF) return SMALLEST_NORMAL_HALF
  return 2 ** (Math.floor(Math.log2(magnitude)) - 10)
}
