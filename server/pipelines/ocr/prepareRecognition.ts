import type { Strip } from './cutLine.ts'
import { writeLine } from './lineTensor.ts'
import { LINE_HEIGHT, LINE_WIDTHS, RECOGNITION_BATCH, RECOGNITION_COLUMNS } from './ocrLimits.ts'

/** One line for the `recognise` graph. */
export interface UprightLine {
  strip: Strip
  /** Whether the strip stands on its head. */
  turned: boolean
}

/** Input of one `recognise` task. */
export interface RecognitionBatch {
  /** Indexes of the lines, in the batch's order. */
  members: number[]
  paddedWidth: number
  /** f32[members, 3, 48, paddedWidth]. */
  elements: Float32Array<ArrayBuffer>
}

/** Groups lines of like width into batches for several tabs, the widest first, and writes their inputs. */
export function prepareRecognition({ lines }: { lines: readonly UprightLine[] }): RecognitionBatch[] {
  return planBatches(lines.map(({ strip }) => strip.width)).map(({ members, paddedWidth }) => {
    const elements = new Float32Array(members.length * 3 * LINE_HEIGHT * paddedWidth)
    for (const [place, member] of members.entries()) {
      const { strip, turned } = lines[member]!
      writeLine(elements, place, paddedWidth, strip, turned)
    }
    return { members, paddedWidth, elements }
  })
}

/**
 * Which lines go together: those of one padded width, in batches as even as can be. The widest come first, since a
 * long task that is started last keeps everyone waiting.
 */
export function planBatches(widths: readonly number[]): { members: number[]; paddedWidth: number }[] {
  const groups = new Map<number, number[]>()
  for (const [index, width] of widths.entries()) {
    const padded = LINE_WIDTHS.find((candidate) => candidate >= width) ?? LINE_WIDTHS.at(-1)!
    const group = groups.get(padded)
    if (group) group.push(index)
    else groups.set(padded, [index])
  }
  return [...groups]
    .sort(([a], [b]) => b - a)
    .flatMap(([paddedWidth, group]) => {
      const most = Math.max(1, Math.min(RECOGNITION_BATCH, Math.floor(RECOGNITION_COLUMNS / paddedWidth)))
      const batches = Math.ceil(group.length / most)
      return Array.from({ length: batches }, (_, batch) => ({
        members: group.slice(
          Math.floor((batch * group.length) / batches),
          Math.floor(((batch + 1) * group.length) / batches),
        ),
        paddedWidth,
      }))
    })
}
