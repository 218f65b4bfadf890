/** Softmax of one row in f64; -infinity has no weight, and a row of nothing else becomes zeros. */
export function softmaxReference(row: ArrayLike<number>): Float64Array<ArrayBuffer> {
  const numbers = Float64Array.from(row)
  const most = numbers.reduce((largest, value) => Math.max(largest, value), Number.NEGATIVE_INFINITY)
  if (most === Number.NEGATIVE_INFINITY) return new Float64Array(numbers.length)
  const powers = numbers.map((value) => Math.exp(value - most))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}
