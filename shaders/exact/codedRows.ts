import { bandFields, field } from '../elementwise.ts'
import type { KernelArgument, KernelTensor, KernelVariant, UniformField } from '../kernel.ts'
import { rowFamilies, rowPrograms } from '../rows/rowFamilies.ts'
import type { Size } from '../size.ts'
import codes from './codes.wgsl?raw'
import mulshiftRule from './mulshift.wgsl?raw'
import task from './rowTask.wgsl?raw'
import storeCodes from './storeCodes.wgsl?raw'

/** Words of a row of n codes: whole groups of 32 codes, four to a word. */
export const rowWords = (n: Size): Size => ({ times: [8, { ceilDiv: [n, 32] }] })

/** Arguments of a kernel that makes rows of codes; a row has `mostColumns` elements at most. */
export const codedRowArguments = (mostColumns: number): readonly KernelArgument[] => [
  { name: 'rows', type: 'u32', least: 0, most: 2 ** 24 },
  { name: 'n', type: 'u32', least: 1, most: mostColumns },
  // Int8 planes of the codes: 1 holds limits up to 127.
  { name: 'planes', type: 'u32', least: 1, most: 2 },
  // Largest code.
  { name: 'limit', type: 'u32', least: 1, most: 16383 },
]

/** The fields of rowTask.wgsl. */
export const codedRowUniforms: readonly UniformField[] = [
  ...['rows', 'n', 'planes', 'limit'].map(field),
  ...bandFields,
]

export const codedRowOutputs: readonly KernelTensor[] = [
  { name: 'codes', role: 'output', datatype: 'UINT32', shape: ['planes', 'rows', rowWords('n')] },
  { name: 'scales', role: 'output', datatype: 'UINT32', shape: ['rows'] },
  { name: 'exponents', role: 'output', datatype: 'INT32', shape: ['rows'] },
]

/** Pieces that a program of coded rows is joined of, by name. */
export const codedRowPrograms = { ...rowPrograms, task, mulshiftRule, codes, storeCodes }

/** A variant for each way to share a row's work. */
export const codedRowVariants = (
  program: string,
  reads: readonly string[],
  operationsOfElement: number,
): readonly KernelVariant[] =>
  rowFamilies.map(({ name, family, features, directives, lanes, rowsPerWorkgroup }) => ({
    name,
    family,
    needs: { languageFeatures: [], features },
    tuning: { lanes },
    scratch: [],
    passes: [
      {
        step: 'compute',
        programs: [...directives, 'task', name, 'mulshiftRule', 'codes', 'storeCodes', program],
        entryPoint: 'main',
        reads,
        writes: codedRowOutputs.map((tensor) => tensor.name),
        overrides: { lanes: 'lanes' },
        rows: 'rows',
        columns: 1,
        perWorkgroup: { rows: rowsPerWorkgroup, columns: 1 },
        cellOperations: { times: [operationsOfElement, 'n'] },
      },
    ],
  }))
