import { bandFields, elementwiseVariant, field } from '../elementwise.ts'
import sigmoid from '../float/sigmoid.wgsl?raw'
import type { KernelDescriptor } from '../kernel.ts'
import task from '../silu-mul-exact/task.wgsl?raw'
import siluMulProgram from './siluMul.wgsl?raw'

/** `silu-mul`: silu(gate) * up, the gated unit of a transformer's feed-forward layer. */
export const siluMul: KernelDescriptor = {
  v: 1,
  name: 'silu-mul',
  summary: 'silu(gate) * up in f32, where silu(x) is x times its sigmoid.',
  lane: 'float',
  arguments: [
    { name: 'rows', type: 'u32', least: 0, most: 2 ** 24 },
    { name: 'n', type: 'u32', least: 0, most: 2 ** 24 },
  ],
  uniforms: [...['rows', 'n'].map(field), ...bandFields],
  tensors: [
    { name: 'gateUp', role: 'input', datatype: 'FP32', shape: ['rows', 2, 'n'] },
    { name: 'y', role: 'output', datatype: 'FP32', shape: ['rows', 'n'] },
  ],
  operations: { times: [5, 'rows', 'n'] },
  variants: elementwiseVariant({
    programs: ['task', 'sigmoid', 'siluMulProgram'],
    reads: ['gateUp'],
    writes: 'y',
    rows: 'rows',
    columns: 'n',
    cellOperations: 30,
  }),
  programs: { task, sigmoid, siluMulProgram },
}
