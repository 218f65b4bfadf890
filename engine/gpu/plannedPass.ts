import { type KernelPass, type KernelVariant, scopeOf } from '../../shaders/kernel.ts'
import { type Shape, sizeOf } from '../../shaders/size.ts'
import type { Extent } from './bands.ts'

/** A pass of one task: its expressions worked out. */
export interface PlannedPass {
  pass: KernelPass
  /** What the pass's expressions see. */
  scope: Shape
  /** Cells of the whole grid. */
  extent: Extent
  perWorkgroup: Extent
  cellOperations: number
}

/** The passes of a task whose inputs are made or laid out by `step` passes (`host`: none is needed). */
export function planPasses(
  variant: KernelVariant,
  step: 'seed' | 'arrange' | 'host',
  shape: Shape,
): PlannedPass[] {
  return variant.passes
    .filter((pass) => pass.step === 'compute' || pass.step === step)
    .map((pass) => {
      const scope = scopeOf(variant, shape, pass.constants)
      const { rows, columns, perWorkgroup } = pass
      return {
        pass,
        scope,
        extent: { rows: sizeOf(rows, scope), columns: sizeOf(columns, scope) },
        perWorkgroup: {
          rows: sizeOf(perWorkgroup.rows, scope),
          columns: sizeOf(perWorkgroup.columns, scope),
        },
        cellOperations: sizeOf(pass.cellOperations, scope),
      }
    })
}
