import type { KernelVariant } from '../../shaders/kernel.ts'
import type { KernelCase, KernelSuite } from '../../shaders/kernelSuite.ts'
import { sizeOf } from '../../shaders/size.ts'
import { planPasses } from './plannedPass.ts'

/** `submitMs` of a runner that cuts every pass into bands of one workgroup, and submits each by itself. */
export const SMALLEST_SUBMIT_MS = 1e-9

/** Bands that are submitted one by one in a moment, and in a second. */
const FEW_BANDS = 200
const MOST_BANDS = 2500

/**
 * The cases of a suite that try every offset of a band: for each pass and dimension the largest one that cuts it and has
 * few bands, or the smallest one.
 */
export function bandedCases({ kernel, cases }: KernelSuite, variant: KernelVariant): readonly KernelCase[] {
  const counted = cases
    .filter(({ shape }) => sizeOf(kernel.operations, shape) > 0)
    .map((each) => ({ each, grids: gridsOf(variant, each) }))
    .map(({ each, grids }) => ({ each, grids, bands: grids.reduce((sum, [y, x]) => sum + y! * x!, 0) }))
    .filter(({ bands }) => bands <= MOST_BANDS)
    .sort((a, b) => a.bands - b.bands)
  const cutting = counted[0]!.grids.flatMap((grid, pass) =>
    grid.flatMap((_, dimension) => {
      const cut = counted.filter(({ grids }) => grids[pass]![dimension]! > 1)
      return cut.findLast(({ bands }) => bands <= FEW_BANDS) ?? cut.slice(0, 1)
    }),
  )
  return [...new Set(cutting.map(({ each }) => each))]
}

/** Workgroups of each pass, along rows and columns. */
const gridsOf = (variant: KernelVariant, { shape }: KernelCase): number[][] =>
  planPasses(variant, 'host', shape).map(({ extent, perWorkgroup }) => [
    Math.ceil(extent.rows / perWorkgroup.rows),
    Math.ceil(extent.columns / perWorkgroup.columns),
  ])
