import { openPicture } from './decodePicture.ts'
import { DETECTION_DEVIATION, DETECTION_MEAN, DETECTION_MULTIPLE, DETECTION_SIDE } from './ocrLimits.ts'

/** Input of the `detect` graph. */
export interface DetectionInput {
  /** Size of the upright picture, pixels. */
  width: number
  height: number
  /** Size of the scaled picture, and of the map that comes back. */
  mapWidth: number
  mapHeight: number
  /** f32[1, 3, mapHeight, mapWidth]: blue, green, red, normalised. */
  elements: Float32Array<ArrayBuffer>
}

/** Decodes a picture and scales it for the `detect` graph. @throws OpentabError `invalid_value` */
export async function prepareDetection({ image }: { image: Uint8Array }): Promise<DetectionInput> {
  const opened = await openPicture(image)
  const { width, height } = opened
  const scale = Math.min(1, DETECTION_SIDE / Math.max(width, height))
  const mapWidth = toMultiple(width * scale)
  const mapHeight = toMultiple(height * scale)
  const { pixels } = await opened.decode(mapWidth, mapHeight)
  const plane = mapWidth * mapHeight
  const elements = new Float32Array(3 * plane)
  for (let channel = 0; channel < 3; channel++) {
    const factor = 1 / 255 / DETECTION_DEVIATION[channel]!
    const offset = DETECTION_MEAN[channel]! / DETECTION_DEVIATION[channel]!
    // The graph's first channel is blue, the picture's is red.
    for (let i = 0, at = 2 - channel; i < plane; i++, at += 3)
      elements[channel * plane + i] = pixels[at]! * factor - offset
  }
  return { width, height, mapWidth, mapHeight, elements }
}

const toMultiple = (side: number): number =>
  Math.max(DETECTION_MULTIPLE, Math.round(side / DETECTION_MULTIPLE) * DETECTION_MULTIPLE)
