export type RopeShape = { rows: number; heads: number; half: number; positions: number; interleaved: number }

/** Inputs by their names; shapes as in the program. */
export interface RopeInputs {
  x: Float32Array
  position: Uint32Array
  cosines: Float32Array
  sines: Float32Array
}

/** y in f64, and for each element the sum of the magnitudes of its two products. */
export function ropeReference(
  { x, position, cosines, sines }: RopeInputs,
  { rows, heads, half, positions, interleaved }: RopeShape,
): { y: Float64Array<ArrayBuffer>; magnitudes: Float64Array<ArrayBuffer> } {
  const y = new Float64Array(x.length)
  const magnitudes = new Float64Array(x.length)
  for (let row = 0; row < rows; row++) {
    const angles = Math.min(position[row]!, positions - 1) * half
    for (let pair = 0; pair < heads * half; pair++) {
      const i = pair % half
      const start = (row * heads + Math.floor(pair / half)) * 2 * half
      const [first, second] =
        interleaved === 1 ? [start + 2 * i, start + 2 * i + 1] : [start + i, start + half + i]
      const [a, b] = [x[first]!, x[second]!]
      const [cosine, sine] = [cosines[angles + i]!, sines[angles + i]!]
      y[first] = a * cosine - b * sine
      y[second] = a * sine + b * cosine
      magnitudes[first] = Math.abs(a * cosine) + Math.abs(b * sine)
      magnitudes[second] = Math.abs(a * sine) + Math.abs(b * cosine)
    }
  }
  return { y, magnitudes }
}
