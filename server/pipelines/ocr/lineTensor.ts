import type { Strip } from './cutLine.ts'
import { LINE_HEIGHT } from './ocrLimits.ts'

/**
 * Writes a line into a batch for the `orient` and `recognise` graphs: blue, green, red, (value / 255 - 0.5) / 0.5,
 * with 0 (grey) to the right of it, as PaddleOCR pads.
 * @param batch f32[lines, 3, 48, paddedWidth]
 * @param turned write it turned by 180 degrees
 */
export function writeLine(
  batch: Float32Array,
  index: number,
  paddedWidth: number,
  { width, pixels }: Strip,
  turned = false,
): void {
  const plane = LINE_HEIGHT * paddedWidth
  for (let channel = 0; channel < 3; channel++) {
    for (let row = 0; row < LINE_HEIGHT; row++) {
      const to = (index * 3 + channel) * plane + row * paddedWidth
      const fromRow = turned ? LINE_HEIGHT - 1 - row : row
      let at = (fromRow * width + (turned ? width - 1 : 0)) * 3 + 2 - channel
      const step = turned ? -3 : 3
      for (let column = 0; column < width; column++, at += step) batch[to + column] = pixels[at]! / 127.5 - 1
    }
  }
}
