import type { Picture } from './decodePicture.ts'
import { type Point, type Quad, sizeOf } from './geometry.ts'
import { LINE_HEIGHT, LINE_MARGIN, LINE_WIDTHS, VERTICAL_RATIO } from './ocrLimits.ts'
import { sampleLine } from './sampleLine.ts'

/** A line of text, straightened. */
export interface Strip {
  width: number
  /** RGB, u8[48, width, 3]. */
  pixels: Uint8Array<ArrayBuffer>
}

/**
 * Cuts a line out of a picture: with a margin at both ends, its reading side up, 48 pixels high.
 * @param box corners in the picture's pixels, clockwise from the top left
 * @param maxWidth wider lines are squeezed into this width, pixels
 */
export function cutLine(picture: Picture, box: Quad, maxWidth: number = LINE_WIDTHS.at(-1)!): Strip {
  const quad = widened(readingSide(box))
  const { width: along, height: across } = sizeOf(quad)
  const width = Math.min(Math.ceil((LINE_HEIGHT * along) / across), maxWidth)
  return { width, pixels: sampleLine(picture, quad, width, LINE_HEIGHT) }
}

/** The box with the side up on which its text stands: a high box holds a line that runs downwards. */
function readingSide(box: Quad): Quad {
  const { width, height } = sizeOf(box)
  if (height < VERTICAL_RATIO * width) return box
  const [topLeft, topRight, bottomRight, bottomLeft] = box
  return [topRight, bottomRight, bottomLeft, topLeft]
}

/** The box, longer at both ends by a share of its height. */
function widened(box: Quad): Quad {
  const { width, height } = sizeOf(box)
  const share = (LINE_MARGIN * height) / width
  const [topLeft, topRight, bottomRight, bottomLeft] = box
  const beyond = (from: Point, to: Point): Point => [
    to[0] + (to[0] - from[0]) * share,
    to[1] + (to[1] - from[1]) * share,
  ]
  return [
    beyond(topRight, topLeft),
    beyond(topLeft, topRight),
    beyond(bottomLeft, bottomRight),
    beyond(bottomRight, bottomLeft),
  ]
}
