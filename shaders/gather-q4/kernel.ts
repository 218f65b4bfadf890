import { bandFields, elementwiseVariant, field } from '../elementwise.ts'
import type { KernelDescriptor } from '../kernel.ts'
import { blocksOf, type Q4Form, q4Forms, q4Programs } from '../weights-q4/q4Forms.ts'
import gatherProgram from './gather.wgsl?raw'
import task from './task.wgsl?raw'

const gatherOf = ({ suffix, program, inWords, tensors }: Q4Form): KernelDescriptor => ({
  v: 1,
  name: `gather-q4${suffix}`,
  summary: `Rows of a matrix as f32, picked by their ids: ${inWords}.`,
  lane: 'float',
  arguments: [
    { name: 'rows', type: 'u32', least: 0, most: 2 ** 24 },
    { name: 'n', type: 'u32', least: 1, most: 2 ** 26 },
    { name: 'k', type: 'u32', least: 0, most: 2 ** 20 },
  ],
  uniforms: [
    ...['rows', 'n', 'k'].map(field),
    { name: 'blocks', type: 'u32', value: blocksOf },
    ...bandFields,
  ],
  tensors: [
    ...tensors,
    { name: 'ids', role: 'input', datatype: 'UINT32', shape: ['rows'] },
    { name: 'y', role: 'output', datatype: 'FP32', shape: ['rows', 'k'] },
  ],
  operations: { times: [2, 'rows', 'k'] },
  variants: elementwiseVariant({
    programs: ['task', 'blocks', program, 'gatherProgram'],
    reads: [...tensors.map(({ name }) => name), 'ids'],
    writes: 'y',
    rows: 'rows',
    columns: { ceilDiv: ['k', 8] },
    cellOperations: 40,
  }),
  programs: { ...q4Programs, task, gatherProgram },
})

/** `gather-q4` and `gather-q4-offsets`: y f32[rows, k], rows of W[n, k] of 4-bit blocks by their ids. */
export const gatherQ4Kernels: readonly { kernel: KernelDescriptor; form: Q4Form }[] = q4Forms.map((form) => ({
  kernel: gatherOf(form),
  form,
}))
