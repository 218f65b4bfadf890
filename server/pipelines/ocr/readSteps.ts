/** What the `recognise` graph says about a batch of lines: for each step its two best classes, and the space. */
export interface Steps {
  lines: number
  /** Steps of each line. */
  length: number
  /** i64[lines, length, 2], best first. */
  indices: BigInt64Array
  /** f32[lines, length, 2] probabilities of `indices`. */
  values: Float32Array
  /** f32[lines, length] probability of the space. */
  space: Float32Array
}

/** What the `recognise` graph says about one line, as classes. */
export interface ReadLine {
  /** Class of each character; 0, the blank, does not occur. */
  classes: number[]
  /** For each character the space's probabilities over the blank steps before it, added up. */
  spaceBefore: number[]
  /** Mean probability of the characters, 0..1; 0 when there are none. */
  confidence: number
}

/** Greedy CTC decoding (Graves et al., 2006): the best class of each step, repetitions and blanks left out. */
export function readSteps({ lines, length, indices, values, space }: Steps): ReadLine[] {
  return Array.from({ length: lines }, (_, line) => {
    const read: ReadLine = { classes: [], spaceBefore: [], confidence: 0 }
    let previous = 0
    let spaceSince = 0
    for (let step = line * length; step < (line + 1) * length; step++) {
      const best = Number(indices[2 * step])
      if (best === 0) spaceSince += space[step]!
      else if (best !== previous) {
        read.classes.push(best)
        read.spaceBefore.push(spaceSince)
        read.confidence += values[2 * step]!
        spaceSince = 0
      }
      previous = best
    }
    if (read.classes.length > 0) read.confidence /= read.classes.length
    return read
  })
}
