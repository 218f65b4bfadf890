/** What the `recognise` graph says about one line, as classes. */
export interface ReadLine {
  /** Class of each character; 0, the blank, does not occur. */
  classes: number[]
  /** For each character the space's probabilities over the blank steps before it, added up. */
  spaceBefore: number[]
  /** Mean probability of the characters, 0..1; 0 when there are none. */
  confidence: number
}

/**
 * Greedy CTC decoding (Graves et al., 2006): the best class of each step, repetitions and blanks left out. The last
 * class is the space.
 * @param input.steps f32[lines, length, classes] probabilities, little-endian bytes
 */
export function readSteps(input: {
  steps: Uint8Array<ArrayBuffer>
  lines: number
  length: number
  classes: number
}): ReadLine[] {
  const { lines, length, classes } = input
  const steps = new Float32Array(input.steps.buffer)
  return Array.from({ length: lines }, (_, line) => {
    const read: ReadLine = { classes: [], spaceBefore: [], confidence: 0 }
    let previous = 0
    let space = 0
    for (let step = 0; step < length; step++) {
      const from = (line * length + step) * classes
      let best = 0
      for (let k = 1; k < classes; k++) if (steps[from + k]! > steps[from + best]!) best = k
      if (best === 0) space += steps[from + classes - 1]!
      else if (best !== previous) {
        read.classes.push(best)
        read.spaceBefore.push(space)
        read.confidence += steps[from + best]!
        space = 0
      }
      previous = best
    }
    if (read.classes.length > 0) read.confidence /= read.classes.length
    return read
  })
}
