import { cutLine, type Strip } from './cutLine.ts'
import { openPicture } from './decodePicture.ts'
import { type Point, type Quad, sizeOf } from './geometry.ts'
import { writeLine } from './lineTensor.ts'
import {
  LINE_HEIGHT,
  MIN_LINE_SIDE,
  ORIENTATION_BATCH,
  ORIENTATION_WIDTH,
  WORKING_PIXELS,
} from './ocrLimits.ts'
import { readingOrder } from './readingOrder.ts'
import { textBoxes } from './textBoxes.ts'

export interface FoundLines {
  /** In reading order; `box` has its corners in pixels of the upright picture. */
  lines: { box: Quad; strip: Strip }[]
  /** Inputs of the `orient` graph, f32[lines, 3, 48, 192] each, for the lines in their order. */
  orientations: { lines: number; elements: Float32Array<ArrayBuffer> }[]
}

/**
 * From the probability map to lines that can be read.
 * @param input.image the encoded picture, which is decoded again: that costs less than keeping pixels for a tab's time
 * @param input.map f32[mapHeight, mapWidth], little-endian bytes
 */
export async function findLines(input: {
  image: Uint8Array
  map: Uint8Array<ArrayBuffer>
  mapWidth: number
  mapHeight: number
}): Promise<FoundLines> {
  const { mapWidth, mapHeight } = input
  const opened = await openPicture(input.image)
  const map = new Float32Array(input.map.buffer)
  const found = textBoxes(map, mapWidth, mapHeight, opened.width, opened.height).filter(isLarge)
  if (found.length === 0) return { lines: [], orientations: [] }
  const boxes = readingOrder(found).map((index) => found[index]!)

  const scale = Math.min(1, Math.sqrt(WORKING_PIXELS / (opened.width * opened.height)))
  const picture = await opened.decode(Math.ceil(opened.width * scale), Math.ceil(opened.height * scale))
  const toPicture = ([x, y]: Point): Point => [
    (x * picture.width) / opened.width,
    (y * picture.height) / opened.height,
  ]

  const lines: FoundLines['lines'] = []
  const orientations: FoundLines['orientations'] = []
  for (const [index, box] of boxes.entries()) {
    const scaled: Quad = [toPicture(box[0]), toPicture(box[1]), toPicture(box[2]), toPicture(box[3])]
    const strip = cutLine(picture, scaled)
    lines.push({ box, strip })

    const place = index % ORIENTATION_BATCH
    if (place === 0) {
      const count = Math.min(ORIENTATION_BATCH, boxes.length - index)
      const elements = new Float32Array(count * 3 * LINE_HEIGHT * ORIENTATION_WIDTH)
      orientations.push({ lines: count, elements })
    }
    const squeezed = strip.width <= ORIENTATION_WIDTH ? strip : cutLine(picture, scaled, ORIENTATION_WIDTH)
    writeLine(orientations.at(-1)!.elements, place, ORIENTATION_WIDTH, squeezed)
  }
  return { lines, orientations }
}

const isLarge = (box: Quad): boolean => Math.min(sizeOf(box).width, sizeOf(box).height) >= MIN_LINE_SIDE
