import { openPicture } from './decodePicture.ts'
import { type Point, type Quad, sizeOf } from './geometry.ts'
import { writeLine } from './lineTensor.ts'
import {
  LINE_HEIGHT,
  LINE_WIDTHS,
  MIN_LINE_SIDE,
  ORIENTATION_BATCH,
  ORIENTATION_WIDTH,
  VERTICAL_RATIO,
  WORKING_PIXELS,
} from './ocrLimits.ts'
import { readingOrder } from './readingOrder.ts'
import { sampleLine } from './sampleLine.ts'
import { textBoxes } from './textBoxes.ts'

/** A line of text, cut out and straightened. */
export interface FoundLine {
  /** Corners in pixels of the upright picture. */
  box: Quad
  /** RGB, u8[48, width, 3]. */
  strip: Uint8Array<ArrayBuffer>
  width: number
}

export interface FoundLines {
  /** In reading order. */
  lines: FoundLine[]
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
  const unordered = textBoxes(map, mapWidth, mapHeight, opened.width, opened.height).filter(isLarge)
  if (unordered.length === 0) return { lines: [], orientations: [] }
  const boxes = readingOrder(unordered).map((index) => unordered[index]!)

  const scale = Math.min(1, Math.sqrt(WORKING_PIXELS / (opened.width * opened.height)))
  const picture = await opened.decode(Math.ceil(opened.width * scale), Math.ceil(opened.height * scale))
  const scaleX = picture.width / opened.width
  const scaleY = picture.height / opened.height
  const toPicture = ([x, y]: Point): Point => [x * scaleX, y * scaleY]

  const lines: FoundLine[] = []
  const orientations: FoundLines['orientations'] = []
  for (const [index, box] of boxes.entries()) {
    const [topLeft, topRight, bottomRight, bottomLeft] = box
    const { width: boxWidth, height: boxHeight } = sizeOf(box)
    const runsDown = boxHeight >= VERTICAL_RATIO * boxWidth
    const upright = runsDown ? ([topRight, bottomRight, bottomLeft, topLeft] as const) : box
    const ratio = runsDown ? boxHeight / boxWidth : boxWidth / boxHeight
    const quad: Quad = [
      toPicture(upright[0]),
      toPicture(upright[1]),
      toPicture(upright[2]),
      toPicture(upright[3]),
    ]

    const width = Math.min(Math.ceil(LINE_HEIGHT * ratio), LINE_WIDTHS.at(-1)!)
    lines.push({ box, width, strip: sampleLine(picture, quad, width, LINE_HEIGHT) })

    const place = index % ORIENTATION_BATCH
    if (place === 0) {
      const count = Math.min(ORIENTATION_BATCH, boxes.length - index)
      orientations.push({
        lines: count,
        elements: new Float32Array(count * 3 * LINE_HEIGHT * ORIENTATION_WIDTH),
      })
    }
    const squeezed = Math.min(ORIENTATION_WIDTH, width)
    const small = squeezed === width ? lines[index]!.strip : sampleLine(picture, quad, squeezed, LINE_HEIGHT)
    writeLine(orientations.at(-1)!.elements, place, ORIENTATION_WIDTH, small, squeezed)
  }
  return { lines, orientations }
}

const isLarge = (box: Quad): boolean => Math.min(sizeOf(box).width, sizeOf(box).height) >= MIN_LINE_SIDE
