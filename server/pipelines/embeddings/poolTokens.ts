/**
 * Mean of the token vectors under the mask, scaled to length 1: the pooling of sentence-transformers' all-MiniLM-L6-v2
 * (1_Pooling/config.json, then Normalize).
 * @param input.hidden f32[texts, length, width], little-endian bytes
 * @param input.mask i64[texts, length]: 1 for a token, 0 for padding
 * @returns f32[texts, width], or each vector's little-endian bytes in base64
 */
export function poolTokens(input: {
  hidden: Uint8Array<ArrayBuffer>
  mask: BigInt64Array
  texts: number
  length: number
  width: number
  encoding: 'float' | 'base64'
}): Float32Array<ArrayBuffer> | string[] {
  const { mask, texts, length, width } = input
  const hidden = new Float32Array(input.hidden.buffer)
  const vectors = new Float32Array(texts * width)
  const sum = new Float64Array(width)
  for (let text = 0; text < texts; text++) {
    sum.fill(0)
    for (let token = 0; token < length; token++) {
      if (mask[text * length + token] !== 1n) continue
      const from = (text * length + token) * width
      for (let i = 0; i < width; i++) sum[i]! += hidden[from + i]!
    }
    // The mean's divisor falls out in the scaling to length 1.
    let square = 0
    for (const value of sum) square += value * value
    const scale = square === 0 ? 0 : 1 / Math.sqrt(square)
    for (let i = 0; i < width; i++) vectors[text * width + i] = sum[i]! * scale
  }
  if (input.encoding === 'float') return vectors
  return Array.from({ length: texts }, (_, text) =>
    Buffer.from(vectors.buffer, text * width * 4, width * 4).toString('base64'),
  )
}
