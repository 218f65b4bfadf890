import type { KernelTensor } from '../kernel.ts'
import type { Size } from '../size.ts'
import blocks from './blocks.wgsl?raw'
import offsets from './offsets.wgsl?raw'
import zeroPoints from './zeroPoints.wgsl?raw'

/** Blocks of 32 along k. */
export const blocksOf: Size = { ceilDiv: ['k', 32] }

/** Where the zero of a block lies: a way in which W[n, k] of 4 bits is stored. */
export interface Q4Form {
  /** As it stands at the end of a kernel's name; '' for MatMulNBits' own one. */
  suffix: '' | '-offsets'
  /** The program with `offsetOf`. */
  program: 'zeroPoints' | 'offsets'
  inWords: string
  tensors: readonly KernelTensor[]
}

const codesAndScales: readonly KernelTensor[] = [
  { name: 'codes', role: 'input', datatype: 'UINT8', shape: ['n', blocksOf, 16] },
  { name: 'scales', role: 'input', datatype: 'FP32', shape: ['n', blocksOf] },
]

export const q4Forms: readonly Q4Form[] = [
  {
    suffix: '',
    program: 'zeroPoints',
    inWords: '4-bit weights in blocks of 32, each with a scale and a zero point of 4 bits (MatMulNBits)',
    tensors: [
      ...codesAndScales,
      { name: 'zeroPoints', role: 'input', datatype: 'UINT8', shape: ['n', { ceilDiv: [blocksOf, 2] }] },
    ],
  },
  {
    suffix: '-offsets',
    program: 'offsets',
    inWords:
      '4-bit weights in blocks of 32, each with a scale and an offset (protocol/weights/matMulBlocks.ts)',
    tensors: [
      ...codesAndScales,
      { name: 'offsets', role: 'input', datatype: 'FP32', shape: ['n', blocksOf] },
    ],
  },
]

/** The pieces of all forms by name, for a descriptor's `programs`. */
export const q4Programs = { blocks, offsets, zeroPoints }
