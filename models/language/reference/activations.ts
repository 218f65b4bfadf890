/** x * sigmoid(x). */
export const silu = (x: Float64Array): Float64Array => x.map((value) => value / (1 + Math.exp(-value)))

/** GELU in its tanh form, `gelu_pytorch_tanh`. Hendrycks and Gimpel 2016. */
export const geluTanh = (x: Float64Array): Float64Array =>
  x.map((value) => 0.5 * value * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (value + 0.044715 * value ** 3))))
