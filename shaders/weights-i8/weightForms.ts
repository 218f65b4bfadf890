import type { KernelTensor } from '../kernel.ts'
import type { Size } from '../size.ts'
import g32x4 from './g32x4.wgsl?raw'
import groupSums from './groupSums.wgsl?raw'
import perChannel from './perChannel.wgsl?raw'
import q41x8 from './q41x8.wgsl?raw'
import sixteenPacked from './sixteenPacked.wgsl?raw'
import sixteenSums from './sixteenSums.wgsl?raw'
import sixteenUnpacked from './sixteenUnpacked.wgsl?raw'

/** Groups of 32 along k. */
export const groupsOf: Size = { ceilDiv: ['k', 32] }
/** Words of a row of int8 codes. */
const codeWords: Size = { times: [8, groupsOf] }

/** A way in which an integer matrix W[n, k] is stored; rule S6 of the exact lane. */
export interface WeightForm {
  /** As it stands at the end of a kernel's name; '' for the plain one. */
  suffix: '' | '-g32x4' | '-q41x8'
  /** The program with `codesOf` and `factorsOf`. */
  program: 'perChannel' | 'g32x4' | 'q41x8'
  inWords: string
  tensors: readonly KernelTensor[]
}

export const weightForms: readonly WeightForm[] = [
  {
    suffix: '',
    program: 'perChannel',
    inWords: 'int8 weights with a scale for each row',
    tensors: [{ name: 'weights', role: 'input', datatype: 'UINT32', shape: ['n', codeWords] }],
  },
  {
    suffix: '-g32x4',
    program: 'g32x4',
    inWords: 'int8 weights with a 4-bit multiplier for each group of 32',
    tensors: [
      { name: 'weights', role: 'input', datatype: 'UINT32', shape: ['n', codeWords] },
      { name: 'multipliers', role: 'input', datatype: 'UINT32', shape: ['n', { ceilDiv: [groupsOf, 8] }] },
    ],
  },
  {
    suffix: '-q41x8',
    program: 'q41x8',
    inWords: '4-bit weights with an integer factor and offset for each group of 32',
    tensors: [
      { name: 'weights', role: 'input', datatype: 'UINT32', shape: ['n', { times: [4, groupsOf] }] },
      { name: 'factors', role: 'input', datatype: 'UINT32', shape: ['n', groupsOf] },
    ],
  },
]

/** How sixteen codes are multiplied. */
export const dotForms = [
  {
    suffix: 'Packed',
    program: 'sixteenPacked',
    directives: ['sixteenPacked'],
    programs: [],
    languageFeatures: ['packed_4x8_integer_dot_product'],
  },
  {
    suffix: 'Unpacked',
    program: 'sixteenUnpacked',
    directives: [],
    programs: ['sixteenUnpacked'],
    languageFeatures: [],
  },
] as const

/** The pieces of all forms by name, for a descriptor's `programs`. */
export const weightPrograms = {
  perChannel,
  g32x4,
  q41x8,
  groupSums,
  sixteenSums,
  sixteenPacked,
  sixteenUnpacked,
}
