import {
  codedRowArguments,
  codedRowOutputs,
  codedRowPrograms,
  codedRowUniforms,
  codedRowVariants,
} from '../exact/codedRows.ts'
import type { KernelDescriptor } from '../kernel.ts'
import quantizeProgram from './quantize.wgsl?raw'

/** `quantize`: rows of i32 to int8 codes in one plane or two; rule S3 of the exact lane. */
export const quantize: KernelDescriptor = {
  v: 1,
  name: 'quantize',
  summary:
    'Rows of integers become int8 codes in one plane or two, with one 16-bit scale and exponent a row.',
  lane: 'exact',
  arguments: codedRowArguments(2 ** 24),
  uniforms: codedRowUniforms,
  tensors: [{ name: 'x', role: 'input', datatype: 'INT32', shape: ['rows', 'n'] }, ...codedRowOutputs],
  operations: { times: [4, 'rows', 'n'] },
  variants: codedRowVariants('quantizeProgram', ['x'], 24),
  programs: { ...codedRowPrograms, quantizeProgram },
}
