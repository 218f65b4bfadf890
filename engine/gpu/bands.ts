/** A part of a pass's grid of cells, dispatched at once. */
export interface Band {
  firstRow: number
  firstColumn: number
  rows: number
  columns: number
}

export interface Extent {
  rows: number
  columns: number
}

/** WebGPU's default `maxComputeWorkgroupsPerDimension`. */
const MAX_WORKGROUPS = 65_535

/** How many cells to take: whole steps, near `wanted`, and the parts of what is left about equal. */
function partOf(left: number, wanted: number, step: number): number {
  const stepsWanted = Math.min(Math.max(Math.floor(wanted / step), 1), MAX_WORKGROUPS)
  const steps = Math.ceil(left / step)
  const parts = Math.ceil(steps / stepsWanted)
  return Math.min(left, Math.ceil(steps / parts) * step)
}

/**
 * Cuts a grid into bands of about `cellsPerBand()` cells, asked anew for each band: strips of whole rows, or pieces of
 * one row of workgroups where even that is too much. Bands start at multiples of `perWorkgroup` and never hold less
 * than one workgroup.
 */
export function* bandsOf(extent: Extent, perWorkgroup: Extent, cellsPerBand: () => number): Generator<Band> {
  let firstRow = 0
  while (firstRow < extent.rows) {
    const cells = cellsPerBand()
    const oneStrip = extent.columns * perWorkgroup.rows
    const whole = oneStrip <= cells && extent.columns <= MAX_WORKGROUPS * perWorkgroup.columns
    const rows = partOf(extent.rows - firstRow, whole ? cells / extent.columns : 1, perWorkgroup.rows)
    let firstColumn = 0
    while (firstColumn < extent.columns) {
      const left = extent.columns - firstColumn
      const columns = whole ? left : partOf(left, cellsPerBand() / perWorkgroup.rows, perWorkgroup.columns)
      yield { firstRow, firstColumn, rows, columns }
      firstColumn += columns
    }
    firstRow += rows
  }
}
