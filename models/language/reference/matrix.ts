/** A matrix as plain numbers. */
export interface Matrix {
  rows: number
  columns: number
  /** f64[rows * columns], row by row. */
  values: Float64Array
}

/** y[n] = sum over k of x[k] * w[n, k] + bias[n]: one row through a linear layer. */
export function linear(x: Float64Array, w: Matrix, bias?: Float64Array): Float64Array {
  const y = new Float64Array(w.rows)
  for (let n = 0; n < w.rows; n++) {
    let sum = bias?.[n] ?? 0
    for (let k = 0; k < w.columns; k++) sum += x[k]! * w.values[n * w.columns + k]!
    y[n] = sum
  }
  return y
}

/** a + b, element by element. */
export const add = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value + b[i]!)

/** a * b, element by element. */
export const multiply = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value * b[i]!)
