import { bandFields, field } from '../elementwise.ts'
import type { KernelDescriptor, KernelPass, KernelVariant } from '../kernel.ts'
import ranked from '../ranked/ranked.wgsl?raw'
import rankedSubgroup from '../ranked/rankedSubgroup.wgsl?raw'
import { type ReduceFamily, reduceFamilies, reducePrograms } from '../rows/reduceFamilies.ts'
import type { Size } from '../size.ts'
import merge from './merge.wgsl?raw'
import partsProgram from './parts.wgsl?raw'
import task from './task.wgsl?raw'

const parts: Size = { ceilDiv: ['n', 'chunk'] }

function variantOf(way: ReduceFamily): KernelVariant {
  const programs = [...way.directives, 'task', 'ranked', ...way.programs]
  const pass: Pick<KernelPass, 'step' | 'entryPoint' | 'overrides' | 'columns' | 'perWorkgroup'> = {
    step: 'compute',
    entryPoint: 'main',
    overrides: { lanes: 'lanes' },
    columns: 1,
    perWorkgroup: { rows: way.rowsPerWorkgroup, columns: 1 },
  }
  const chunk = way.family === 'registerTile' ? 256 : 2048
  return {
    name: way.name,
    family: way.family,
    needs: way.needs,
    tuning: { lanes: way.lanes, chunk: { value: chunk, values: [256, 512, 1024, 2048, 4096] } },
    scratch: [
      { name: 'candidates', datatype: 'UINT32', shape: ['rows', parts, 'k', 2] },
      { name: 'cursors', datatype: 'UINT32', shape: ['rows', parts] },
    ],
    passes: [
      {
        ...pass,
        programs: [...programs, 'partsProgram'],
        reads: ['x'],
        writes: 'candidates',
        rows: { times: ['rows', parts] },
        cellOperations: { times: [4, 'k', { min: ['n', 'chunk'] }] },
      },
      {
        ...pass,
        programs: [...programs, 'merge'],
        reads: ['x', 'candidates'],
        writes: ['cursors', 'values', 'indices'],
        rows: 'rows',
        cellOperations: { times: [8, 'k', parts] },
      },
    ],
  }
}

/** `top-k`: ONNX's TopK, largest first; of equal numbers the lower index comes first, and NaN before all numbers. */
export const topK: KernelDescriptor = {
  v: 1,
  name: 'top-k',
  summary: 'The k largest elements of each f32 row and their indices, in order.',
  lane: 'exact',
  arguments: [
    { name: 'rows', type: 'u32', least: 0, most: 2 ** 20 },
    { name: 'n', type: 'u32', least: 1, most: 2 ** 24 },
    // Past n there is nothing: -infinity, and 2^32 - 1 for an index.
    { name: 'k', type: 'u32', least: 1, most: 1024 },
  ],
  uniforms: [
    ...['rows', 'n', 'k'].map(field),
    { name: 'parts', type: 'u32', value: parts },
    field('chunk'),
    ...bandFields,
  ],
  tensors: [
    { name: 'x', role: 'input', datatype: 'FP32', shape: ['rows', 'n'] },
    { name: 'values', role: 'output', datatype: 'FP32', shape: ['rows', 'k'] },
    { name: 'indices', role: 'output', datatype: 'UINT32', shape: ['rows', 'k'] },
  ],
  operations: { times: ['rows', 'n'] },
  variants: reduceFamilies('rankedSubgroup').map(variantOf),
  programs: { ...reducePrograms, task, ranked, rankedSubgroup, partsProgram, merge },
}
