import { bandFields, field } from '../elementwise.ts'
import type { KernelDescriptor, KernelPass } from '../kernel.ts'
import registerTile from './registerTile.wgsl?raw'
import task from './task.wgsl?raw'
import workgroupTile from './workgroupTile.wgsl?raw'

const pass = (
  program: string,
  rest: Pick<KernelPass, 'overrides' | 'perWorkgroup'>,
): readonly KernelPass[] => [
  {
    step: 'compute',
    programs: ['task', program],
    entryPoint: 'main',
    reads: ['x'],
    writes: 'y',
    rows: 'rows',
    columns: 'columns',
    cellOperations: 4,
    ...rest,
  },
]

/** `transpose`: y[columns, rows] from x[rows, columns], any 32-bit words, bit for bit. */
export const transpose: KernelDescriptor = {
  v: 1,
  name: 'transpose',
  summary: 'Transposes a matrix of 32-bit words, bit for bit.',
  lane: 'exact',
  arguments: [
    { name: 'rows', type: 'u32', least: 0, most: 2 ** 26 },
    { name: 'columns', type: 'u32', least: 0, most: 2 ** 26 },
  ],
  uniforms: [...['rows', 'columns'].map(field), ...bandFields],
  tensors: [
    { name: 'x', role: 'input', datatype: 'UINT32', shape: ['rows', 'columns'] },
    { name: 'y', role: 'output', datatype: 'UINT32', shape: ['columns', 'rows'] },
  ],
  operations: { times: ['rows', 'columns'] },
  variants: [
    {
      name: 'registerTile',
      family: 'registerTile',
      needs: { languageFeatures: [], features: [] },
      tuning: { lanes: { value: 16, values: [8, 16, 32, 64] } },
      scratch: [],
      passes: pass('registerTile', {
        overrides: { lanes: 'lanes' },
        perWorkgroup: { rows: 4, columns: { times: [4, 'lanes'] } },
      }),
    },
    {
      name: 'workgroupTile',
      family: 'workgroupTile',
      needs: { languageFeatures: [], features: [] },
      scratch: [],
      passes: pass('workgroupTile', { overrides: {}, perWorkgroup: { rows: 32, columns: 32 } }),
    },
  ],
  programs: { task, registerTile, workgroupTile },
}
