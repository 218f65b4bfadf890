import { type Band, bandsOf } from './bands.ts'
import type { PlannedPass } from './plannedPass.ts'
import { MAX_BANDS_PER_SUBMIT } from './taskBuffers.ts'

/** What goes to the GPU in one submit. */
export interface Submit {
  /** Dispatches in order; `pass` is an index into the passes. */
  bands: { pass: number; band: Band }[]
  /** Rough operations of all of them. */
  operations: number
  /** Whether the task's work ends with it. */
  last: boolean
}

/**
 * Cuts a task's passes into submits of about `operationsPerSubmit()` rough operations, asked anew for each band: short
 * passes share a submit, long ones are cut into bands.
 */
export function* submitsOf(
  passes: readonly PlannedPass[],
  operationsPerSubmit: () => number,
): Generator<Submit> {
  let bands: Submit['bands'] = []
  let operations = 0
  for (const [pass, { extent, perWorkgroup, cellOperations }] of passes.entries()) {
    for (const band of bandsOf(extent, perWorkgroup, () => operationsPerSubmit() / cellOperations)) {
      const cost =
        cellOperations *
        wholeSteps(band.rows, perWorkgroup.rows) *
        wholeSteps(band.columns, perWorkgroup.columns)
      const full = bands.length === MAX_BANDS_PER_SUBMIT || operations + cost > operationsPerSubmit()
      if (full && bands.length > 0) {
        yield { bands, operations, last: false }
        bands = []
        operations = 0
      }
      bands.push({ pass, band })
      operations += cost
    }
  }
  yield { bands, operations, last: true }
}

/** A workgroup at the edge costs as much as a full one. */
const wholeSteps = (cells: number, step: number): number => Math.ceil(cells / step) * step
