import { convexHull } from './convexHull.ts'
import type { Point, Quad } from './geometry.ts'

/** A rectangle: `along` is the unit vector of its width, at most 45 degrees off the x axis and pointing right. */
export interface Rectangle {
  centre: Point
  along: Point
  width: number
  height: number
}

/**
 * The rectangle of the smallest area around the points. One of its sides lies on a side of their hull (Freeman and
 * Shapira, 1975), so each side is tried.
 */
export function minimalRectangle(points: readonly Point[]): Rectangle {
  const hull = convexHull(points)
  let best: Rectangle | undefined
  for (let i = 0; i < hull.length; i++) {
    const from = hull[i]!
    const to = hull[(i + 1) % hull.length]!
    const length = Math.hypot(to[0] - from[0], to[1] - from[1])
    const along: Point =
      length === 0 ? [1, 0] : nearX([(to[0] - from[0]) / length, (to[1] - from[1]) / length])
    const rectangle = extentAlong(hull, along)
    if (!best || rectangle.width * rectangle.height < best.width * best.height) best = rectangle
  }
  return best ?? { centre: [0, 0], along: [1, 0], width: 0, height: 0 }
}

/** Of the four directions of a rectangle's sides the one within 45 degrees of the x axis. */
function nearX([x, y]: Point): Point {
  const direction: Point = Math.abs(x) >= Math.abs(y) ? [x, y] : [y, -x]
  return direction[0] < 0 ? [-direction[0], -direction[1]] : direction
}

function extentAlong(points: readonly Point[], along: Point): Rectangle {
  const [ux, uy] = along
  let [minU, maxU, minV, maxV] = [Infinity, -Infinity, Infinity, -Infinity]
  for (const [x, y] of points) {
    const u = x * ux + y * uy
    const v = y * ux - x * uy
    minU = Math.min(minU, u)
    maxU = Math.max(maxU, u)
    minV = Math.min(minV, v)
    maxV = Math.max(maxV, v)
  }
  const [u, v] = [(minU + maxU) / 2, (minV + maxV) / 2]
  return { centre: [u * ux - v * uy, u * uy + v * ux], along, width: maxU - minU, height: maxV - minV }
}

/** The rectangle's corners, clockwise from the top left. */
export function cornersOf({ centre: [x, y], along: [ux, uy], width, height }: Rectangle): Quad {
  const corner = (u: number, v: number): Point => [x + u * ux - v * uy, y + u * uy + v * ux]
  const [u, v] = [width / 2, height / 2]
  return [corner(-u, -v), corner(u, -v), corner(u, v), corner(-u, v)]
}
