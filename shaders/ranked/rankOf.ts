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
  const indices = Array.from({ length: row.length }, (_, at) => at)
  return indices.sort((a, b) => compareRank(row[a]!, a, row[b]!, b)).slice(0, count)
}
