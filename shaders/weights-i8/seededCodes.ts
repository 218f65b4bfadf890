import { seededWords } from '../seededTensors.ts'

/** Activations i32[count] that a seed stands for: all of int8 in one plane, within +-2047 in two. Input 0 of the seed. */
export function seededCodes(seed: number, count: number, planes: number): Int32Array<ArrayBuffer> {
  return Int32Array.from(seededWords(seed, 0, count), (word) =>
    planes === 1 ? (word | 0) >> 24 : (word % 4095) - 2047,
  )
}
