import type { KernelDescriptor } from '../kernel.ts'
import sumF32 from '../reduce/sumF32.wgsl?raw'
import { normArguments, normPrograms, normUniforms } from '../rows/normRows.ts'
import { reducedRowVariants } from '../rows/reducedRowVariants.ts'
import { reducePrograms } from '../rows/reduceFamilies.ts'
import rmsnormProgram from './rmsnorm.wgsl?raw'

/** `rmsnorm`: x / sqrt(mean(x^2) + epsilon) * weights for each row of x, as ONNX's RMSNormalization over the last axis. */
export const rmsnorm: KernelDescriptor = {
  v: 1,
  name: 'rmsnorm',
  summary: 'Root-mean-square norm of f32 rows with weights.',
  lane: 'float',
  arguments: normArguments,
  uniforms: normUniforms,
  tensors: [
    { name: 'x', role: 'input', datatype: 'FP32', shape: ['rows', 'n'] },
    { name: 'weights', role: 'input', datatype: 'FP32', shape: ['n'] },
    { name: 'y', role: 'output', datatype: 'FP32', shape: ['rows', 'n'] },
  ],
  operations: { times: [4, 'rows', 'n'] },
  variants: reducedRowVariants({
    begin: ['normTask', 'sumF32'],
    inSubgroup: 'addSubgroup',
    program: 'rmsnormProgram',
    reads: ['x', 'weights'],
    writes: 'y',
    cellOperations: { times: [4, 'n'] },
  }),
  programs: { ...reducePrograms, ...normPrograms, sumF32, rmsnormProgram },
}
