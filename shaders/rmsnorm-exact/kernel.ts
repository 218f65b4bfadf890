import {
  codedRowArguments,
  codedRowOutputs,
  codedRowPrograms,
  codedRowUniforms,
  codedRowVariants,
} from '../exact/codedRows.ts'
import type { KernelDescriptor } from '../kernel.ts'
import rmsnormProgram from './rmsnorm.wgsl?raw'

/** `rmsnorm-exact`: norm of i32 rows of up to 1024 elements, straight to int8 codes; rule S4 of the exact lane. */
export const rmsnormExact: KernelDescriptor = {
  v: 1,
  name: 'rmsnorm-exact',
  summary:
    'Root-mean-square norm of integer rows with weights, as int8 codes with one scale and exponent a row.',
  lane: 'exact',
  arguments: codedRowArguments(1024),
  uniforms: codedRowUniforms,
  tensors: [
    { name: 'h', role: 'input', datatype: 'INT32', shape: ['rows', 'n'] },
    { name: 'weights', role: 'input', datatype: 'INT32', shape: ['n'] },
    ...codedRowOutputs,
  ],
  operations: { times: [8, 'rows', 'n'] },
  variants: codedRowVariants('rmsnormProgram', ['h', 'weights'], 80),
  programs: { ...codedRowPrograms, rmsnormProgram },
}
