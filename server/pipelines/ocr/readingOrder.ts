import { centreOf, type Quad, sizeOf } from './geometry.ts'

/**
 * Indexes of the boxes in reading order: rows from top to bottom, in a row from left to right, both along the
 * page's own tilt (the median tilt of its wide boxes), so that a turned page does not mix its rows.
 */
export function readingOrder(boxes: readonly Quad[]): number[] {
  const tilt = medianTilt(boxes)
  const [ux, uy] = [Math.cos(tilt), Math.sin(tilt)]
  const placed = boxes.map((box, index) => {
    const [x, y] = centreOf(box)
    return { index, across: x * ux + y * uy, down: y * ux - x * uy, height: sizeOf(box).height }
  })
  placed.sort((a, b) => a.down - b.down || a.across - b.across)
  const rows: (typeof placed)[] = []
  for (const box of placed) {
    const row = rows.at(-1)
    const first = row?.[0]
    if (row && first && box.down - first.down < 0.5 * Math.min(first.height, box.height)) row.push(box)
    else rows.push([box])
  }
  return rows.flatMap((row) =>
    row.sort((a, b) => a.across - b.across || a.index - b.index).map(({ index }) => index),
  )
}

/** Median angle of the upper edges of boxes wider than high, radians; 0 when there are none. */
function medianTilt(boxes: readonly Quad[]): number {
  const tilts = boxes
    .filter((box) => sizeOf(box).width > 2 * sizeOf(box).height)
    .map(([topLeft, topRight]) => Math.atan2(topRight[1] - topLeft[1], topRight[0] - topLeft[0]))
    .sort((a, b) => a - b)
  return tilts[Math.floor(tilts.length / 2)] ?? 0
}
