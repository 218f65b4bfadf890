import type { KernelPass, KernelVariant } from '../kernel.ts'
import type { Size } from '../size.ts'
import type { ReduceFamily } from './reduceFamilies.ts'

interface ReducedInParts {
  /** Pieces of both passes for a row family; the last one has the entry points `parts` and `whole`. */
  programs: readonly string[]
  /** Parts of a row, of `chunk` elements each. */
  parts: Size
  /** u32[rows, parts, ...]: what is kept of each part. */
  partShape: readonly Size[]
  /** Rough operations of one element. */
  elementOperations: number
}

/** The variant that reduces x[rows, n] to y[rows] in parts, so that a few long rows keep a GPU busy, then the parts. */
export function reducedInParts(
  way: ReduceFamily,
  { programs, parts, partShape, elementOperations }: ReducedInParts,
): KernelVariant {
  const pass: Omit<KernelPass, 'entryPoint' | 'reads' | 'writes' | 'rows' | 'cellOperations'> = {
    step: 'compute',
    programs,
    overrides: { lanes: 'lanes' },
    columns: 1,
    perWorkgroup: { rows: way.rowsPerWorkgroup, columns: 1 },
  }
  const chunk = way.family === 'registerTile' ? 512 : 4096
  return {
    name: way.name,
    family: way.family,
    needs: way.needs,
    tuning: { lanes: way.lanes, chunk: { value: chunk, values: [512, 1024, 4096, 16384] } },
    scratch: [{ name: 'parts', datatype: 'UINT32', shape: partShape }],
    passes: [
      {
        ...pass,
        entryPoint: 'parts',
        reads: ['x'],
        writes: 'parts',
        rows: { times: ['rows', parts] },
        cellOperations: { times: [elementOperations, { min: ['n', 'chunk'] }] },
      },
      {
        ...pass,
        entryPoint: 'whole',
        reads: ['parts'],
        writes: 'y',
        rows: 'rows',
        cellOperations: { times: [elementOperations, parts] },
      },
    ],
  }
}
