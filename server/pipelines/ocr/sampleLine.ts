import type { Picture } from './decodePicture.ts'
import type { Quad } from './geometry.ts'

/** Most samples along one axis that are averaged into one pixel. */
const MAX_SAMPLES = 8

/**
 * Cuts a parallelogram out of a picture and straightens it: an affine map, bilinear, averaging several samples a
 * pixel where the line is scaled down, so that thin strokes stay. Beyond the picture's edge its edge is repeated.
 * @param quad corners in the picture's pixels; the first two are the upper edge as it will be seen
 * @returns RGB, u8[height, width, 3]
 */
export function sampleLine(
  picture: Picture,
  quad: Quad,
  width: number,
  height: number,
): Uint8Array<ArrayBuffer> {
  const [topLeft, topRight, , bottomLeft] = quad
  const stepX = [(topRight[0] - topLeft[0]) / width, (topRight[1] - topLeft[1]) / width] as const
  const stepY = [(bottomLeft[0] - topLeft[0]) / height, (bottomLeft[1] - topLeft[1]) / height] as const
  const samplesX = samples(Math.hypot(...stepX))
  const samplesY = samples(Math.hypot(...stepY))
  const weight = 1 / (samplesX * samplesY)
  const { pixels, width: pictureWidth } = picture
  const [lastX, lastY] = [picture.width - 1, picture.height - 1]
  const line = new Uint8Array(width * height * 3)
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      let [red, green, blue] = [0, 0, 0]
      for (let j = 0; j < samplesY; j++) {
        const v = row + (j + 0.5) / samplesY
        for (let i = 0; i < samplesX; i++) {
          const u = column + (i + 0.5) / samplesX
          const x = Math.min(Math.max(topLeft[0] + u * stepX[0] + v * stepY[0] - 0.5, 0), lastX)
          const y = Math.min(Math.max(topLeft[1] + u * stepX[1] + v * stepY[1] - 0.5, 0), lastY)
          const [left, top] = [Math.floor(x), Math.floor(y)]
          const [fx, fy] = [x - left, y - top]
          const right = left < lastX ? 3 : 0
          const down = top < lastY ? pictureWidth * 3 : 0
          const at = (top * pictureWidth + left) * 3
          const [a, b, c, d] = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy]
          red +=
            a * pixels[at]! +
            b * pixels[at + right]! +
            c * pixels[at + down]! +
            d * pixels[at + right + down]!
          green +=
            a * pixels[at + 1]! +
            b * pixels[at + right + 1]! +
            c * pixels[at + down + 1]! +
            d * pixels[at + right + down + 1]!
          blue +=
            a * pixels[at + 2]! +
            b * pixels[at + right + 2]! +
            c * pixels[at + down + 2]! +
            d * pixels[at + right + down + 2]!
        }
      }
      const to = (row * width + column) * 3
      line[to] = red * weight + 0.5
      line[to + 1] = green * weight + 0.5
      line[to + 2] = blue * weight + 0.5
    }
  }
  return line
}

const samples = (step: number): number => Math.min(MAX_SAMPLES, Math.max(1, Math.round(step)))
