import type { Datatype } from '../../protocol/tensor.ts'
import { bandFields, field } from '../elementwise.ts'
import type { KernelDescriptor, KernelVariant } from '../kernel.ts'
import { reducedInParts } from '../rows/reducedInParts.ts'
import { type ReduceFamily, reduceFamilies, reducePrograms } from '../rows/reduceFamilies.ts'
import type { Size } from '../size.ts'
import maxF32 from './maxF32.wgsl?raw'
import maxI32 from './maxI32.wgsl?raw'
import minF32 from './minF32.wgsl?raw'
import minI32 from './minI32.wgsl?raw'
import orderF32 from './orderF32.wgsl?raw'
import reduce from './reduce.wgsl?raw'
import sumF32 from './sumF32.wgsl?raw'
import sumI32 from './sumI32.wgsl?raw'
import task from './task.wgsl?raw'

/** Parts of a row; one at least, so that an empty row has a result. */
const parts: Size = { max: [1, { ceilDiv: ['n', 'chunk'] }] }

interface Reduction {
  name: string
  /** What one row gives. */
  inWords: string
  datatype: Datatype
  lane: KernelDescriptor['lane']
  /** Pieces with `Value`, `combine` and how words become values. */
  programs: readonly string[]
  inSubgroup: Parameters<typeof reduceFamilies>[0]
}

/** The kernels of this folder, one a row. */
export const reductions = [
  {
    name: 'sum-i32',
    inWords: 'sum modulo 2^32, 0 of nothing',
    datatype: 'INT32',
    lane: 'exact',
    programs: ['sumI32'],
    inSubgroup: 'addSubgroup',
  },
  {
    name: 'reduce-max-i32',
    inWords: 'largest integer, -2^31 of nothing',
    datatype: 'INT32',
    lane: 'exact',
    programs: ['maxI32'],
    inSubgroup: 'maxSubgroup',
  },
  {
    name: 'reduce-min-i32',
    inWords: 'least integer, 2^31 - 1 of nothing',
    datatype: 'INT32',
    lane: 'exact',
    programs: ['minI32'],
    inSubgroup: 'minSubgroup',
  },
  {
    name: 'reduce-sum-f32',
    inWords: 'sum in any order, 0 of nothing',
    datatype: 'FP32',
    lane: 'float',
    programs: ['sumF32'],
    inSubgroup: 'addSubgroup',
  },
  {
    name: 'reduce-max-f32',
    inWords: 'largest number, NaN if there is one, -infinity of nothing',
    datatype: 'FP32',
    lane: 'exact',
    programs: ['maxF32', 'orderF32'],
    inSubgroup: 'maxSubgroup',
  },
  {
    name: 'reduce-min-f32',
    inWords: 'least number, NaN if there is one, infinity of nothing',
    datatype: 'FP32',
    lane: 'exact',
    programs: ['minF32', 'orderF32'],
    inSubgroup: 'minSubgroup',
  },
] as const satisfies readonly Reduction[]

const variantOf = ({ programs }: Reduction, way: ReduceFamily): KernelVariant =>
  reducedInParts(way, {
    programs: [...way.directives, 'task', ...programs, ...way.programs, 'reduce'],
    parts,
    partShape: ['rows', parts],
    elementOperations: 4,
  })

const reductionKernel = (reduction: Reduction): KernelDescriptor => ({
  v: 1,
  name: reduction.name,
  summary: `Reduces each row of a matrix to one number: ${reduction.inWords}.`,
  lane: reduction.lane,
  arguments: [
    { name: 'rows', type: 'u32', least: 0, most: 2 ** 24 },
    { name: 'n', type: 'u32', least: 0, most: 2 ** 28 },
  ],
  uniforms: [
    ...['rows', 'n'].map(field),
    { name: 'parts', type: 'u32', value: parts },
    field('chunk'),
    ...bandFields,
  ],
  tensors: [
    { name: 'x', role: 'input', datatype: reduction.datatype, shape: ['rows', 'n'] },
    { name: 'y', role: 'output', datatype: reduction.datatype, shape: ['rows'] },
  ],
  operations: { times: ['rows', 'n'] },
  variants: reduceFamilies(reduction.inSubgroup).map((way) => variantOf(reduction, way)),
  programs: { ...reducePrograms, task, sumI32, maxI32, minI32, sumF32, orderF32, maxF32, minF32, reduce },
})

/** `sum-i32` and the `reduce-*` kernels: x[rows, n] to y[rows]. */
export const reduceKernels: readonly KernelDescriptor[] = reductions.map(reductionKernel)
