import { bandFields, elementwiseVariant, field } from '../elementwise.ts'
import sigmoid from '../float/sigmoid.wgsl?raw'
import type { KernelDescriptor } from '../kernel.ts'
import geluProgram from './gelu.wgsl?raw'
import task from './task.wgsl?raw'

/** `gelu`: ONNX's Gelu, by the error function or by the hyperbolic tangent. */
export const gelu: KernelDescriptor = {
  v: 1,
  name: 'gelu',
  summary:
    'Gaussian error linear unit of f32, by the error function or approximated by the hyperbolic tangent.',
  lane: 'float',
  arguments: [
    { name: 'rows', type: 'u32', least: 0, most: 2 ** 24 },
    { name: 'n', type: 'u32', least: 0, most: 2 ** 24 },
    // 1: ONNX's approximate = "tanh".
    { name: 'tanh', type: 'u32', least: 0, most: 1 },
  ],
  uniforms: [...['rows', 'n', 'tanh'].map(field), ...bandFields],
  tensors: [
    { name: 'x', role: 'input', datatype: 'FP32', shape: ['rows', 'n'] },
    { name: 'y', role: 'output', datatype: 'FP32', shape: ['rows', 'n'] },
  ],
  operations: { times: [10, 'rows', 'n'] },
  variants: elementwiseVariant({
    programs: ['task', 'sigmoid', 'geluProgram'],
    reads: ['x'],
    writes: 'y',
    rows: 'rows',
    columns: 'n',
    cellOperations: 40,
  }),
  programs: { task, sigmoid, geluProgram },
}
