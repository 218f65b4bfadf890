import { cross, type Point } from './geometry.ts'

/**
 * Corners of the convex hull, clockwise as seen (y downwards), without points on its edges; Andrew's monotone chain.
 * One or two distinct points are their own hull.
 */
export function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1])
  const half = (ordered: readonly Point[]): Point[] => {
    const chain: Point[] = []
    for (const point of ordered) {
      while (chain.length >= 2 && cross(chain[chain.length - 2]!, chain[chain.length - 1]!, point) <= 0)
        chain.pop()
      chain.push(point)
    }
    chain.pop()
    return chain
  }
  const hull = [...half(sorted), ...half(sorted.reverse())]
  const [first, second] = hull
  // A point that is given more than once is its own opposite end.
  const isPoint = !first || (hull.length === 2 && first[0] === second![0] && first[1] === second![1])
  return isPoint ? sorted.slice(0, 1) : hull
}
