import { bandFields, field } from '../elementwise.ts'
import type { KernelDescriptor, KernelPass, KernelVariant } from '../kernel.ts'
import ranked from '../ranked/ranked.wgsl?raw'
import rankedSubgroup from '../ranked/rankedSubgroup.wgsl?raw'
import task from '../reduce/task.wgsl?raw'
import { type ReduceFamily, reduceFamilies, reducePrograms } from '../rows/reduceFamilies.ts'
import type { Size } from '../size.ts'
import argmaxProgram from './argmax.wgsl?raw'

const parts: Size = { ceilDiv: ['n', 'chunk'] }

function variantOf(way: ReduceFamily): KernelVariant {
  const pass: Omit<KernelPass, 'entryPoint' | 'reads' | 'writes' | 'rows' | 'cellOperations'> = {
    step: 'compute',
    programs: [...way.directives, 'task', 'ranked', ...way.programs, 'argmaxProgram'],
    overrides: { lanes: 'lanes' },
    columns: 1,
    perWorkgroup: { rows: way.rowsPerWorkgroup, columns: 1 },
  }
  const chunk = way.family === 'registerTile' ? 512 : 4096
  return {
    name: way.name,
    family: way.family,
    needs: way.needs,
    tuning: { lanes: way.lanes, chunk: { value: chunk, values: [512, 1024, 4096, 16384] } },
    scratch: [{ name: 'parts', datatype: 'UINT32', shape: ['rows', parts, 2] }],
    passes: [
      {
        ...pass,
        entryPoint: 'parts',
        reads: ['x'],
        writes: 'parts',
        rows: { times: ['rows', parts] },
        cellOperations: { times: [8, { min: ['n', 'chunk'] }] },
      },
      {
        ...pass,
        entryPoint: 'whole',
        reads: ['parts'],
        writes: 'y',
        rows: 'rows',
        cellOperations: { times: [8, parts] },
      },
    ],
  }
}

/** `argmax`: the index of each row's largest element, the first one of equals; NaN is larger than all numbers. */
export const argmax: KernelDescriptor = {
  v: 1,
  name: 'argmax',
  summary: 'Index of the first of the largest elements of each f32 row.',
  lane: 'exact',
  arguments: [
    { name: 'rows', type: 'u32', least: 0, most: 2 ** 24 },
    { name: 'n', type: 'u32', least: 1, most: 2 ** 28 },
  ],
  uniforms: [
    ...['rows', 'n'].map(field),
    { name: 'parts', type: 'u32', value: parts },
    field('chunk'),
    ...bandFields,
  ],
  tensors: [
    { name: 'x', role: 'input', datatype: 'FP32', shape: ['rows', 'n'] },
    { name: 'y', role: 'output', datatype: 'UINT32', shape: ['rows'] },
  ],
  operations: { times: ['rows', 'n'] },
  variants: reduceFamilies('rankedSubgroup').map(variantOf),
  programs: { ...reducePrograms, task, ranked, rankedSubgroup, argmaxProgram },
}
