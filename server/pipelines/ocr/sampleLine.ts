import type { Picture } from './decodePicture.ts'
import type { Quad } from './geometry.ts'

/** Most samples along one axis that are averaged into one pixel. */
const MAX_SAMPLES = 8

/**
 * Cuts a parallelogram out of a picture and straightens it by an affine map. Where the line is scaled up or hardly
 * down, each pixel is one bicubic sample, which keeps strokes sharp: on five pages that halved the reading errors of
 * bilinear ones. Where it is scaled down, each pixel is the mean of bilinear samples, so that thin strokes stay.
 * Beyond the picture's edge its edge is repeated.
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
  const [uX, uY] = [(topRight[0] - topLeft[0]) / width, (topRight[1] - topLeft[1]) / width]
  const [vX, vY] = [(bottomLeft[0] - topLeft[0]) / height, (bottomLeft[1] - topLeft[1]) / height]
  const samplesX = samples(Math.hypot(uX, uY))
  const samplesY = samples(Math.hypot(vX, vY))
  const read = samplesX * samplesY === 1 ? bicubic : bilinear
  const weight = 1 / (samplesX * samplesY)
  // Uint8ClampedArray rounds to the nearest and keeps bicubic overshoot within 0..255.
  const line = new Uint8ClampedArray(width * height * 3)
  const sum = new Float64Array(3)
  for (let row = 0, to = 0; row < height; row++) {
    for (let column = 0; column < width; column++, to += 3) {
      sum.fill(0)
      for (let j = 0; j < samplesY; j++) {
        const v = row + (j + 0.5) / samplesY
        for (let i = 0; i < samplesX; i++) {
          const u = column + (i + 0.5) / samplesX
          read(picture, topLeft[0] + u * uX + v * vX - 0.5, topLeft[1] + u * uY + v * vY - 0.5, sum)
        }
      }
      for (let channel = 0; channel < 3; channel++) line[to + channel] = sum[channel]! * weight
    }
  }
  return new Uint8Array(line.buffer)
}

const samples = (step: number): number => Math.min(MAX_SAMPLES, Math.max(1, Math.round(step)))

/** Adds the picture's colour at (x, y), given as fractional indexes of pixels, to `sum`. */
function bilinear({ pixels, width, height }: Picture, x: number, y: number, sum: Float64Array): void {
  const atX = Math.min(Math.max(x, 0), width - 1)
  const atY = Math.min(Math.max(y, 0), height - 1)
  const left = Math.floor(atX)
  const top = Math.floor(atY)
  const fx = atX - left
  const fy = atY - top
  const right = left < width - 1 ? 3 : 0
  const down = top < height - 1 ? width * 3 : 0
  for (let channel = 0, at = (top * width + left) * 3; channel < 3; channel++, at++) {
    const upper = pixels[at]! * (1 - fx) + pixels[at + right]! * fx
    const lower = pixels[at + down]! * (1 - fx) + pixels[at + down + right]! * fx
    sum[channel]! += upper * (1 - fy) + lower * fy
  }
}

const weightsX = new Float64Array(4)
const weightsY = new Float64Array(4)

/** As `bilinear`, by cubic convolution (Keys, 1981) over four by four pixels. */
function bicubic({ pixels, width, height }: Picture, x: number, y: number, sum: Float64Array): void {
  const left = Math.floor(x)
  const top = Math.floor(y)
  cubicWeights(x - left, weightsX)
  cubicWeights(y - top, weightsY)
  for (let j = 0; j < 4; j++) {
    const row = Math.min(Math.max(top + j - 1, 0), height - 1) * width
    for (let i = 0; i < 4; i++) {
      const at = (row + Math.min(Math.max(left + i - 1, 0), width - 1)) * 3
      const weight = weightsX[i]! * weightsY[j]!
      sum[0]! += pixels[at]! * weight
      sum[1]! += pixels[at + 1]! * weight
      sum[2]! += pixels[at + 2]! * weight
    }
  }
}

/** Keys' free parameter; OpenCV's choice, with which the graph's training pictures were cut. */
const SHARPNESS = -0.75

function cubicWeights(t: number, weights: Float64Array): void {
  const a = SHARPNESS
  weights[0] = ((a * (t + 1) - 5 * a) * (t + 1) + 8 * a) * (t + 1) - 4 * a
  weights[1] = ((a + 2) * t - (a + 3)) * t * t + 1
  const s = 1 - t
  weights[2] = ((a + 2) * s - (a + 3)) * s * s + 1
  weights[3] = 1 - weights[0] - weights[1] - weights[2]
}
