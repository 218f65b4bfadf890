import type { Point } from './geometry.ts'

/** A set of neighbouring pixels: the first and last pixel of each of its runs, which hold every corner of its hull. */
export interface Component {
  runEnds: Point[]
  /** Number of pixels. */
  area: number
}

/**
 * Components of the pixels above the threshold, neighbours by edge or corner, in the order of their first pixel.
 * Runs of a row are joined with the overlapping runs of the row above by union-find.
 * @param map f32[height, width]
 */
export function connectedComponents(
  map: Float32Array,
  width: number,
  height: number,
  threshold: number,
): Component[] {
  const rows: number[] = []
  const starts: number[] = []
  const ends: number[] = []
  const parents: number[] = []
  const rootOf = (run: number): number => {
    let root = run
    while (parents[root] !== root) root = parents[root]!
    for (let at = run; parents[at] !== root; ) {
      const next = parents[at]!
      parents[at] = root
      at = next
    }
    return root
  }

  let aboveFrom = 0
  let aboveTo = 0
  for (let y = 0; y < height; y++) {
    const rowFrom = starts.length
    let above = aboveFrom
    for (let x = 0; x < width; x++) {
      if (!(map[y * width + x]! > threshold)) continue
      const start = x
      while (x + 1 < width && map[y * width + x + 1]! > threshold) x++
      const run = starts.length
      rows.push(y)
      starts.push(start)
      ends.push(x)
      parents.push(run)
      while (above < aboveTo && ends[above]! < start - 1) above++
      for (let other = above; other < aboveTo && starts[other]! <= x + 1; other++) {
        const [a, b] = [rootOf(other), rootOf(run)]
        // The older run stays the root, so that components come in the order of their first pixel.
        parents[Math.max(a, b)] = Math.min(a, b)
      }
    }
    aboveFrom = rowFrom
    aboveTo = starts.length
  }

  const components = new Map<number, Component>()
  for (let run = 0; run < starts.length; run++) {
    const root = rootOf(run)
    let component = components.get(root)
    if (!component) {
      component = { runEnds: [], area: 0 }
      components.set(root, component)
    }
    component.area += ends[run]! - starts[run]! + 1
    component.runEnds.push([starts[run]!, rows[run]!])
    if (ends[run] !== starts[run]) component.runEnds.push([ends[run]!, rows[run]!])
  }
  return [...components.values()]
}
