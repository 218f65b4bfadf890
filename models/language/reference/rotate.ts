/**
 * Rotary position embedding of a row's heads: elements i and i + headSize / 2 of each head are turned as a point of the
 * plane by position * frequency[i]. Su et al. 2021, RoFormer; the pairing of transformers' `rotate_half`.
 */
export function rotate(x: Float64Array, position: number, frequencies: readonly number[]): Float64Array {
  const half = frequencies.length
  const y = new Float64Array(x.length)
  for (let head = 0; head < x.length; head += 2 * half) {
    for (let i = 0; i < half; i++) {
      const angle = position * frequencies[i]!
      const [a, b] = [x[head + i]!, x[head + half + i]!]
      y[head + i] = a * Math.cos(angle) - b * Math.sin(angle)
      y[head + half + i] = b * Math.cos(angle) + a * Math.sin(angle)
    }
  }
  return y
}

/** What a config.json says about rotation. */
export interface RopeConfig {
  rope_type?: string
  factor?: number
  low_freq_factor?: number
  high_freq_factor?: number
  original_max_position_embeddings?: number
}

/** Frequencies of a head's pairs: base^(-2i / headSize), scaled as transformers' modeling_rope_utils.py does. */
export function frequenciesOf(base: number, headSize: number, scaling?: RopeConfig | null): number[] {
  const frequencies: number[] = []
  for (let i = 0; i < headSize / 2; i++) {
    const frequency = 1 / base ** ((2 * i) / headSize)
    if (!scaling || scaling.rope_type === 'default') frequencies.push(frequency)
    else if (scaling.rope_type === 'linear') frequencies.push(frequency / scaling.factor!)
    else if (scaling.rope_type === 'llama3') {
      const wavelength = (2 * Math.PI) / frequency
      const original = scaling.original_max_position_embeddings!
      const longest = original / scaling.low_freq_factor!
      const shortest = original / scaling.high_freq_factor!
      if (wavelength > longest) frequencies.push(frequency / scaling.factor!)
      else if (wavelength < shortest) frequencies.push(frequency)
      else {
        const smooth =
          (original / wavelength - scaling.low_freq_factor!) /
          (scaling.high_freq_factor! - scaling.low_freq_factor!)
        frequencies.push(((1 - smooth) * frequency) / scaling.factor! + smooth * frequency)
      }
    } else throw new Error(`the reference knows no rope type ${scaling.rope_type}`)
  }
  return frequencies
}
