import enableSubgroupId from '../enableSubgroupId.wgsl?raw'
import type { KernelVariant } from '../kernel.ts'
import type { Size } from '../size.ts'
import addSubgroup from './addSubgroup.wgsl?raw'
import maxSubgroup from './maxSubgroup.wgsl?raw'
import minSubgroup from './minSubgroup.wgsl?raw'
import reduceAlone from './reduceAlone.wgsl?raw'
import reduceSubgroup from './reduceSubgroup.wgsl?raw'
import reduceWorkgroup from './reduceWorkgroup.wgsl?raw'
import rowAlone from './rowAlone.wgsl?raw'
import { type RowFamily, rowFamilies } from './rowFamilies.ts'
import rowWorkgroup from './rowWorkgroup.wgsl?raw'

/** How invocations share a reduction by any `combine`: the row families with `combineRow`. */
export interface ReduceFamily {
  name: 'alone' | 'workgroup' | 'subgroup'
  family: KernelVariant['family']
  needs: KernelVariant['needs']
  /** Pieces with directives come before all others. */
  directives: readonly string[]
  /** Pieces that come after the one with `Value` and `combine`. */
  programs: readonly string[]
  lanes: RowFamily['lanes']
  rowsPerWorkgroup: Size
}

const [alone, workgroup, subgroup] = rowFamilies
/** Many parts of a row keep a GPU busy: small workgroups wait less for each other. */
const lanes = { value: 64, values: [32, 64, 128, 256] }

/** `inSubgroup` is the piece with `combineSubgroup`: one of this folder, or of the kernel's own programs. */
export const reduceFamilies = (inSubgroup: string): readonly ReduceFamily[] => [
  {
    ...alone!,
    name: 'alone',
    needs: { languageFeatures: [], features: [] },
    programs: ['rowAlone', 'reduceAlone'],
  },
  {
    ...workgroup!,
    name: 'workgroup',
    needs: { languageFeatures: [], features: [] },
    programs: ['rowWorkgroup', 'reduceWorkgroup'],
    lanes,
  },
  {
    ...subgroup!,
    name: 'subgroup',
    needs: { languageFeatures: ['subgroup_id'], features: ['subgroups'] },
    directives: ['enableSubgroupId'],
    programs: [inSubgroup, 'reduceSubgroup'],
    lanes,
  },
]

/** The pieces of all families by name, for a descriptor's `programs`. */
export const reducePrograms = {
  enableSubgroupId,
  rowAlone,
  reduceAlone,
  rowWorkgroup,
  reduceWorkgroup,
  reduceSubgroup,
  addSubgroup,
  maxSubgroup,
  minSubgroup,
}
