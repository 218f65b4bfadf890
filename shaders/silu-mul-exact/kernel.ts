import { bandFields, elementwiseVariant, field } from '../elementwise.ts'
import mulshiftRule from '../exact/mulshift.wgsl?raw'
import type { KernelDescriptor } from '../kernel.ts'
import siluMulProgram from './siluMul.wgsl?raw'
import task from './task.wgsl?raw'

/** `silu-mul-exact`: silu(gate) * up in i32 with a table of sigmoids; rule S10 of the exact lane. */
export const siluMulExact: KernelDescriptor = {
  v: 1,
  name: 'silu-mul-exact',
  summary: 'silu(gate) * up in fixed point, the sigmoid between the entries of a table.',
  lane: 'exact',
  arguments: [
    { name: 'rows', type: 'u32', least: 0, most: 2 ** 24 },
    { name: 'n', type: 'u32', least: 0, most: 2 ** 24 },
  ],
  uniforms: [...['rows', 'n'].map(field), ...bandFields],
  tensors: [
    { name: 'gateUp', role: 'input', datatype: 'INT32', shape: ['rows', 2, 'n'] },
    { name: 'sigmoids', role: 'input', datatype: 'UINT32', shape: [1025] },
    { name: 'y', role: 'output', datatype: 'INT32', shape: ['rows', 'n'] },
  ],
  operations: { times: [8, 'rows', 'n'] },
  variants: elementwiseVariant({
    programs: ['task', 'mulshiftRule', 'siluMulProgram'],
    reads: ['gateUp', 'sigmoids'],
    writes: 'y',
    rows: 'rows',
    columns: 'n',
    cellOperations: 80,
  }),
  programs: { task, mulshiftRule, siluMulProgram },
}
