import { distanceOf } from '../../../protocol/distance.ts'
import type { Datatype } from '../../../protocol/tensor.ts'
import type { Numbers } from './elementArrays.ts'
import type { Comparison } from './labNumbersApi.ts'

/** Most cells of the heat map in each direction. */
const MOST_CELLS = 48

/**
 * How far numbers are from what they must be. Distances are units in the last place of the datatype (for integers the
 * difference), as `distanceOf` says.
 * @param got bigint where the datatype has 64-bit integers
 * @param expected as many; for floats of any precision, rounded to the datatype here; whole numbers may be bigint
 * @param allowed a distance up to which an element is right
 */
export function compareNumbers(
  output: { name: string; datatype: Datatype; shape: readonly number[] },
  got: Numbers,
  expected: ArrayLike<number | bigint>,
  allowed: number,
): Comparison {
  const distance = distanceOf(output.datatype)
  const grid = gridOf(output.shape)
  const values = new Array<number>(grid.rows * grid.columns).fill(0)
  let wrong = 0
  let maxUlp = 0
  let sum = 0
  let first: Comparison['first'] = null
  for (let index = 0; index < got.length; index++) {
    const a = got[index]!
    const b = besides(a, expected[index] ?? Number.NaN)
    const ulp = distance(a, b)
    sum += ulp
    if (ulp > maxUlp) maxUlp = ulp
    const cell = grid.cellOf(index)
    if (ulp > values[cell]!) values[cell] = ulp
    if (ulp <= allowed) continue
    wrong++
    first ??= { index, at: coordinatesOf(index, output.shape), got: a, expected: b }
  }
  const count = got.length
  const { rows, columns, rowStep, columnStep } = grid
  const meanUlp = count === 0 ? 0 : sum / count
  const heat = { rows, columns, rowStep, columnStep, values }
  return { output: output.name, count, wrong, maxUlp, meanUlp, first, heat }
}

/** What is expected as a bigint where the element is one: as doubles both could be the same number. */
const besides = (got: number | bigint, expected: number | bigint): number | bigint =>
  typeof got === 'bigint' && Number.isInteger(expected) ? BigInt(expected) : expected

/** Coordinates of an element, outermost dimension first. */
export function coordinatesOf(index: number, shape: readonly number[]): number[] {
  const at: number[] = []
  let rest = index
  for (const size of shape.toReversed()) {
    at.unshift(size > 0 ? rest % size : 0)
    rest = size > 0 ? Math.floor(rest / size) : 0
  }
  return at
}

/** A grid over a tensor: columns are the last dimension, rows all others; one dimension is folded into a square. */
function gridOf(shape: readonly number[]) {
  const count = shape.reduce((product, size) => product * size, 1)
  const last = shape.length > 1 ? shape.at(-1)! : Math.max(1, Math.ceil(Math.sqrt(count)))
  const width = Math.max(1, last)
  const height = Math.max(1, Math.ceil(count / width))
  const columnStep = Math.ceil(width / MOST_CELLS)
  const rowStep = Math.ceil(height / MOST_CELLS)
  const columns = Math.ceil(width / columnStep)
  return {
    rows: Math.ceil(height / rowStep),
    columns,
    rowStep,
    columnStep,
    cellOf: (index: number) =>
      Math.floor(Math.floor(index / width) / rowStep) * columns + Math.floor((index % width) / columnStep),
  }
}
