const clamp = (value: number, limit: number): number => Math.min(Math.max(value, -limit), limit)

export type RopeExactShape = { rows: number; heads: number; rotated: number; half: number; positions: number }

/** What is rotated; names and shapes as in rope.wgsl. */
export interface RopeExactInputs {
  x: Int32Array
  position: Uint32Array
  cosines: Int32Array
  sines: Int32Array
}

/** Rule S8 of the exact lane; gives y: i32[rows, heads, 2 * half]. */
export function ropeExactReference(
  { x, position, cosines, sines }: RopeExactInputs,
  { rows, heads, rotated, half, positions }: RopeExactShape,
): Int32Array<ArrayBuffer> {
  const y = new Int32Array(x.length)
  for (let row = 0; row < rows; row++) {
    const angles = Math.min(position[row]!, positions - 1) * half
    for (let pair = 0; pair < heads * half; pair++) {
      const at = (row * heads * half + pair) * 2
      if (pair >= rotated * half) {
        y[at] = clamp(x[at]!, 16383)
        y[at + 1] = clamp(x[at + 1]!, 16383)
        continue
      }
      const a = clamp(x[at]!, 32767)
      const b = clamp(x[at + 1]!, 32767)
      const c = cosines[angles + (pair % half)]!
      const s = sines[angles + (pair % half)]!
      y[at] = clamp((a * c - b * s + 65536) >> 17, 5792)
      y[at + 1] = clamp((a * s + b * c + 65536) >> 17, 5792)
    }
  }
  return y
}
