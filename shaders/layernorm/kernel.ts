import type { KernelDescriptor } from '../kernel.ts'
import sumF32 from '../reduce/sumF32.wgsl?raw'
import { normArguments, normPrograms, normUniforms } from '../rows/normRows.ts'
import { reducedRowVariants } from '../rows/reducedRowVariants.ts'
import { reducePrograms } from '../rows/reduceFamilies.ts'
import layernormProgram from './layernorm.wgsl?raw'

/** `layernorm`: ONNX's LayerNormalization of each row of x, with weights and bias. */
export const layernorm: KernelDescriptor = {
  v: 1,
  name: 'layernorm',
  summary: 'Norm of f32 rows about their mean, with weights and bias.',
  lane: 'float',
  arguments: normArguments,
  uniforms: normUniforms,
  tensors: [
    { name: 'x', role: 'input', datatype: 'FP32', shape: ['rows', 'n'] },
    { name: 'weights', role: 'input', datatype: 'FP32', shape: ['n'] },
    { name: 'bias', role: 'input', datatype: 'FP32', shape: ['n'] },
    { name: 'y', role: 'output', datatype: 'FP32', shape: ['rows', 'n'] },
  ],
  operations: { times: [8, 'rows', 'n'] },
  variants: reducedRowVariants({
    begin: ['normTask', 'sumF32'],
    inSubgroup: 'addSubgroup',
    program: 'layernormProgram',
    reads: ['x', 'weights', 'bias'],
    writes: 'y',
    cellOperations: { times: [8, 'n'] },
  }),
  programs: { ...reducePrograms, ...normPrograms, sumF32, layernormProgram },
}
