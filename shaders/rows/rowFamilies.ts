import enableSubgroups from '../enableSubgroups.wgsl?raw'
import type { KernelVariant, Tunable } from '../kernel.ts'
import type { Size } from '../size.ts'
import rowAlone from './rowAlone.wgsl?raw'
import rowSubgroup from './rowSubgroup.wgsl?raw'
import rowWorkgroup from './rowWorkgroup.wgsl?raw'

/** How invocations share the work on a row: a program piece with `rowOf`, `firstOf`, `stepOf` and reductions. */
export interface RowFamily {
  name: 'rowAlone' | 'rowWorkgroup' | 'rowSubgroup'
  family: KernelVariant['family']
  features: readonly string[]
  /** Pieces with directives come before all others. */
  directives: readonly string[]
  /** Invocations of a workgroup; `lanes` of the pieces. Rows of a few hundred elements want 256 (NVIDIA H100). */
  lanes: Tunable
  /** Rows that a workgroup fills. */
  rowsPerWorkgroup: Size
}

export const rowFamilies: readonly RowFamily[] = [
  {
    name: 'rowAlone',
    family: 'registerTile',
    features: [],
    directives: [],
    lanes: { value: 32, values: [16, 32, 64] },
    rowsPerWorkgroup: 'lanes',
  },
  {
    name: 'rowWorkgroup',
    family: 'workgroupTile',
    features: [],
    directives: [],
    lanes: { value: 256, values: [32, 64, 128, 256] },
    rowsPerWorkgroup: 1,
  },
  {
    name: 'rowSubgroup',
    family: 'subgroup',
    features: ['subgroups'],
    directives: ['enableSubgroups'],
    lanes: { value: 256, values: [32, 64, 128, 256] },
    rowsPerWorkgroup: 1,
  },
]

/** The pieces of all families by name, for a descriptor's `programs`. */
export const rowPrograms = { enableSubgroups, rowAlone, rowWorkgroup, rowSubgroup }
