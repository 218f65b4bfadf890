/** Orders two elements as ranked.wgsl does: below 0 where a comes first. */
export function compareRank(a: number, aIndex: number, b: number, bIndex: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) {
    if (Number.isNaN(a) && Number.isNaN(b)) return aIndex - bIndex
    return Number.isNaN(a) ? -1 : 1
  }
  return a === b ? aIndex - bIndex : b > a ? 1 : -1
}

/** Indices of the `count` first elements of a row by that order. */
export function firstByRank(row: ArrayLike<number>, count: number): number[] {
  const first: number[] = []
  const isBefore = (a: number, b: number) => compareRank(row[a]!, a, row[b]!, b) < 0
  for (let index = 0; index < row.length; index++) {
    if (first.length === count && !isBefore(index, first[count - 1]!)) continue
    let [low, high] = [0, first.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (isBefore(first[middle]!, index)) low = middle + 1
      else high = middle
    }
    first.splice(low, 0, index)
    if (first.length > count) first.pop()
  }
  return first
}
