/** x / sqrt(mean(x^2) + epsilon) * weight. Zhang and Sennrich 2019, Root Mean Square Layer Normalization. */
export function rmsNorm(x: Float64Array, weight: Float64Array, epsilon: number): Float64Array {
  let squares = 0
  for (const value of x) squares += value * value
  const scale = 1 / Math.sqrt(squares / x.length + epsilon)
  return x.map((value, i) => value * scale * weight[i]!)
}

/** The same for each head of a row by itself: x[heads * weight.length]. */
export function rmsNormHeads(x: Float64Array, weight: Float64Array, epsilon: number): Float64Array {
  const y = new Float64Array(x.length)
  for (let from = 0; from < x.length; from += weight.length) {
    y.set(rmsNorm(x.subarray(from, from + weight.length), weight, epsilon), from)
  }
  return y
}
