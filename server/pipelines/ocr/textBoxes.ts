import { connectedComponents } from './connectedComponents.ts'
import type { Point, Quad } from './geometry.ts'
import { cornersOf, minimalRectangle, type Rectangle } from './minimalRectangle.ts'
import { BOX_THRESHOLD, MAX_LINES, MIN_BOX_SIDE, PIXEL_THRESHOLD, UNCLIP_RATIO } from './ocrLimits.ts'

/**
 * Boxes of text in a probability map, by the post-processing of Differentiable Binarization (Liao et al., 2020,
 * arXiv:1911.08947, section 3.5): binarise, take the smallest rectangle around each component, drop those with a low
 * mean probability, grow the rest back, since the network was trained on shrunk text.
 * @param map f32[mapHeight, mapWidth], probabilities
 * @returns corners in pixels of the picture of `width` by `height`, which the map shows scaled
 */
export function textBoxes(
  map: Float32Array,
  mapWidth: number,
  mapHeight: number,
  width: number,
  height: number,
): Quad[] {
  const rectangles: Rectangle[] = []
  for (const component of connectedComponents(map, mapWidth, mapHeight, PIXEL_THRESHOLD)) {
    const rectangle = minimalRectangle(component.runEnds)
    if (Math.min(rectangle.width, rectangle.height) < MIN_BOX_SIDE) continue
    if (meanInside(map, mapWidth, mapHeight, cornersOf(rectangle)) < BOX_THRESHOLD) continue
    const grown = unclip(rectangle)
    if (Math.min(grown.width, grown.height) < MIN_BOX_SIDE + 2) continue
    rectangles.push(grown)
  }
  const largest =
    rectangles.length <= MAX_LINES
      ? rectangles
      : rectangles.sort((a, b) => b.width * b.height - a.width * a.height).slice(0, MAX_LINES)
  // The rectangle runs between centres of the map's pixels, which lie half a pixel from their index.
  const scale = ([x, y]: Point): Point => [
    Math.min(Math.max(((x + 0.5) * width) / mapWidth, 0), width),
    Math.min(Math.max(((y + 0.5) * height) / mapHeight, 0), height),
  ]
  return largest.map((rectangle) => {
    const [topLeft, topRight, bottomRight, bottomLeft] = cornersOf(rectangle)
    return [scale(topLeft), scale(topRight), scale(bottomRight), scale(bottomLeft)]
  })
}

/** Grows a rectangle by area * ratio / perimeter on each side: what offsetting its outline comes to. */
export function unclip(rectangle: Rectangle): Rectangle {
  const { width, height } = rectangle
  const grow = (width * height * UNCLIP_RATIO) / (2 * (width + height))
  return { ...rectangle, width: width + 2 * grow, height: height + 2 * grow }
}

/** Mean of the map over the pixels whose centre lies inside a convex quad or on its edge. */
export function meanInside(map: Float32Array, width: number, height: number, quad: Quad): number {
  const ys = quad.map(([, y]) => y)
  let sum = 0
  let count = 0
  const last = Math.min(height - 1, Math.round(Math.max(...ys)))
  for (let y = Math.max(0, Math.round(Math.min(...ys))); y <= last; y++) {
    const [from, to] = crossings(quad, y)
    const lastX = Math.min(width - 1, Math.round(to))
    for (let x = Math.max(0, Math.round(from)); x <= lastX; x++) {
      sum += map[y * width + x]!
      count++
    }
  }
  return count === 0 ? 0 : sum / count
}

/** Leftmost and rightmost x where a horizontal line cuts a convex quad. */
function crossings(quad: Quad, y: number): [from: number, to: number] {
  let [from, to] = [Infinity, -Infinity]
  for (let i = 0; i < 4; i++) {
    const [ax, ay] = quad[i]!
    const [bx, by] = quad[(i + 1) % 4]!
    if (Math.min(ay, by) - 0.5 > y || Math.max(ay, by) + 0.5 < y) continue
    const at = ay === by ? undefined : Math.min(1, Math.max(0, (y - ay) / (by - ay)))
    for (const x of at === undefined ? [ax, bx] : [ax + (bx - ax) * at]) {
      from = Math.min(from, x)
      to = Math.max(to, x)
    }
  }
  return [from, to]
}
