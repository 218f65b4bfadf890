import { bandFields, elementwiseVariant, field } from '../elementwise.ts'
import mulshiftRule from '../exact/mulshift.wgsl?raw'
import type { KernelDescriptor } from '../kernel.ts'
import mulshiftProgram from './mulshift.wgsl?raw'
import task from './task.wgsl?raw'

/** `mulshift`: i32 accumulators to fixed-point numbers, exactly; rule S5 of the exact lane, S7 with a residual. */
export const mulshift: KernelDescriptor = {
  v: 1,
  name: 'mulshift',
  summary:
    'Fixed-point scaling: y = accumulators * rowScales * columnScales * 2^(exponents + fraction), rounded half away ' +
    'from zero and saturating, plus the residual where there is one.',
  lane: 'exact',
  arguments: [
    { name: 'rows', type: 'u32', least: 0, most: 2 ** 24 },
    { name: 'n', type: 'u32', least: 0, most: 2 ** 24 },
    // Whether there is a residual to add to.
    { name: 'residual', type: 'u32', least: 0, most: 1 },
    // Bits after the point of y.
    { name: 'fraction', type: 'i32', least: -1024, most: 1024 },
  ],
  uniforms: [
    field('rows'),
    field('n'),
    field('residual'),
    { name: 'fraction', type: 'i32', value: 'fraction' },
    ...bandFields,
  ],
  tensors: [
    { name: 'accumulators', role: 'input', datatype: 'INT32', shape: ['rows', 'n'] },
    { name: 'rowScales', role: 'input', datatype: 'UINT32', shape: ['rows'] },
    { name: 'rowExponents', role: 'input', datatype: 'INT32', shape: ['rows'] },
    { name: 'columnScales', role: 'input', datatype: 'UINT32', shape: ['n'] },
    { name: 'columnExponents', role: 'input', datatype: 'INT32', shape: ['n'] },
    { name: 'residual', role: 'input', datatype: 'INT32', shape: [{ times: ['residual', 'rows'] }, 'n'] },
    { name: 'y', role: 'output', datatype: 'INT32', shape: ['rows', 'n'] },
  ],
  operations: { times: [2, 'rows', 'n'] },
  variants: elementwiseVariant({
    programs: ['task', 'mulshiftRule', 'mulshiftProgram'],
    reads: ['accumulators', 'rowScales', 'rowExponents', 'columnScales', 'columnExponents', 'residual'],
    writes: 'y',
    rows: 'rows',
    columns: 'n',
    cellOperations: 40,
  }),
  programs: { task, mulshiftRule, mulshiftProgram },
}
