/** A box on the page after its tilt is taken out, pixels. */
export interface PlacedBox {
  /** Place in the list that was given. */
  index: number
  left: number
  right: number
  top: number
  bottom: number
}

/** A box this many times as wide as high counts as a line of running text. */
const TEXT_RATIO = 8
/** Lines of running text on each side without which there are no columns. */
const MIN_LINES = 3
/** Most of the boxes that may cross the gutter: headings, foot lines. */
const MAX_CROSSING = 0.25

/**
 * The x of the gap between two columns of running text; undefined where there are none. Tables and forms, which are
 * read row by row, have short cells on at least one side.
 */
export function findGutter(boxes: readonly PlacedBox[]): number | undefined {
  let best: { x: number; crossing: number; width: number } | undefined
  for (const { right: edge } of boxes) {
    const left = boxes.filter((box) => box.right <= edge)
    const right = boxes.filter((box) => box.left > edge)
    const crossing = boxes.length - left.length - right.length
    if (
      crossing > MAX_CROSSING * boxes.length ||
      !isColumn(left) ||
      !isColumn(right) ||
      !areBeside(left, right)
    )
      continue
    const width = Math.min(...right.map((box) => box.left)) - edge
    if (!best || crossing < best.crossing || (crossing === best.crossing && width > best.width)) {
      best = { x: edge + width / 2, crossing, width }
    }
  }
  return best?.x
}

function isColumn(boxes: readonly PlacedBox[]): boolean {
  const lines = boxes.filter((box) => box.right - box.left >= TEXT_RATIO * (box.bottom - box.top)).length
  return lines >= MIN_LINES && 2 * lines >= boxes.length
}

/** Whether the shorter of two columns lies beside the other for at least half its height. */
function areBeside(a: readonly PlacedBox[], b: readonly PlacedBox[]): boolean {
  const extent = (boxes: readonly PlacedBox[]) => ({
    top: Math.min(...boxes.map((box) => box.top)),
    bottom: Math.max(...boxes.map((box) => box.bottom)),
  })
  const [one, other] = [extent(a), extent(b)]
  const shared = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top)
  return 2 * shared >= Math.min(one.bottom - one.top, other.bottom - other.top)
}
