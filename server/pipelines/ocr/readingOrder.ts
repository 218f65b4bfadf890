import { findGutter, type PlacedBox } from './findGutter.ts'
import { centreOf, type Quad, sizeOf } from './geometry.ts'

/**
 * Indexes of the boxes in reading order: rows from top to bottom, in a row from left to right, both along the page's
 * own tilt (the median tilt of its wide boxes), so that a turned page does not mix its rows. Columns of running text
 * are read one after the other, between the lines that cross both.
 */
export function readingOrder(boxes: readonly Quad[]): number[] {
  const tilt = medianTilt(boxes)
  const [ux, uy] = [Math.cos(tilt), Math.sin(tilt)]
  const placed = boxes.map((box, index): PlacedBox => {
    const [x, y] = centreOf(box)
    const { width, height } = sizeOf(box)
    const [across, down] = [x * ux + y * uy, y * ux - x * uy]
    return {
      index,
      left: across - width / 2,
      right: across + width / 2,
      top: down - height / 2,
      bottom: down + height / 2,
    }
  })
  return arrange(placed).map(({ index }) => index)
}

function arrange(boxes: readonly PlacedBox[]): PlacedBox[] {
  const gutter = findGutter(boxes)
  if (gutter === undefined) return byRows(boxes)
  const crossing = byRows(boxes.filter((box) => box.left < gutter && box.right > gutter))
  const rest = boxes.filter((box) => box.left >= gutter || box.right <= gutter)
  const ordered: PlacedBox[] = []
  let from = -Infinity
  for (const line of [...crossing, undefined]) {
    const to = line ? middle(line) : Infinity
    const section = rest.filter((box) => middle(box) >= from && middle(box) < to)
    ordered.push(...arrange(section.filter((box) => box.right <= gutter)))
    ordered.push(...arrange(section.filter((box) => box.left >= gutter)))
    if (line) ordered.push(line)
    from = Math.max(from, to)
  }
  return ordered
}

function byRows(boxes: readonly PlacedBox[]): PlacedBox[] {
  const sorted = boxes.toSorted((a, b) => middle(a) - middle(b) || a.left - b.left)
  const rows: PlacedBox[][] = []
  for (const box of sorted) {
    const row = rows.at(-1)
    const first = row?.[0]
    if (row && first && middle(box) - middle(first) < 0.5 * Math.min(height(first), height(box)))
      row.push(box)
    else rows.push([box])
  }
  return rows.flatMap((row) => row.sort((a, b) => a.left - b.left || a.index - b.index))
}

const middle = (box: PlacedBox): number => (box.top + box.bottom) / 2
const height = (box: PlacedBox): number => box.bottom - box.top

/** Median angle of the upper edges of boxes wider than high, radians; 0 when there are none. */
function medianTilt(boxes: readonly Quad[]): number {
  const tilts = boxes
    .filter((box) => sizeOf(box).width > 2 * sizeOf(box).height)
    .map(([topLeft, topRight]) => Math.atan2(topRight[1] - topLeft[1], topRight[0] - topLeft[0]))
    .sort((a, b) => a - b)
  return tilts[Math.floor(tilts.length / 2)] ?? 0
}
