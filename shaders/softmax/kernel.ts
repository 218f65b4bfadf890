import { bandFields, field } from '../elementwise.ts'
import type { KernelDescriptor } from '../kernel.ts'
import { reducedRowVariants } from '../rows/reducedRowVariants.ts'
import { reducePrograms } from '../rows/reduceFamilies.ts'
import task from '../silu-mul-exact/task.wgsl?raw'
import onlineSubgroup from './onlineSubgroup.wgsl?raw'
import onlineSum from './onlineSum.wgsl?raw'
import softmaxProgram from './softmax.wgsl?raw'

/** `softmax`: ONNX's Softmax over the last axis; -infinity has no weight, and a row of nothing else is zeros. */
export const softmax: KernelDescriptor = {
  v: 1,
  name: 'softmax',
  summary: 'Softmax of f32 rows.',
  lane: 'float',
  arguments: [
    { name: 'rows', type: 'u32', least: 0, most: 2 ** 24 },
    { name: 'n', type: 'u32', least: 0, most: 2 ** 20 },
  ],
  uniforms: [...['rows', 'n'].map(field), ...bandFields],
  tensors: [
    { name: 'x', role: 'input', datatype: 'FP32', shape: ['rows', 'n'] },
    { name: 'y', role: 'output', datatype: 'FP32', shape: ['rows', 'n'] },
  ],
  operations: { times: [5, 'rows', 'n'] },
  variants: reducedRowVariants({
    begin: ['task', 'onlineSum'],
    inSubgroup: 'onlineSubgroup',
    program: 'softmaxProgram',
    reads: ['x'],
    writes: 'y',
    cellOperations: { times: [40, 'n'] },
  }),
  programs: { ...reducePrograms, task, onlineSum, onlineSubgroup, softmaxProgram },
}
