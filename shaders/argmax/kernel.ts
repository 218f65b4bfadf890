import { bandFields, field } from '../elementwise.ts'
import type { KernelDescriptor, KernelVariant } from '../kernel.ts'
import ranked from '../ranked/ranked.wgsl?raw'
import rankedSubgroup from '../ranked/rankedSubgroup.wgsl?raw'
import task from '../reduce/task.wgsl?raw'
import { reducedInParts } from '../rows/reducedInParts.ts'
import { type ReduceFamily, reduceFamilies, reducePrograms } from '../rows/reduceFamilies.ts'
import type { Size } from '../size.ts'
import argmaxProgram from './argmax.wgsl?raw'

const parts: Size = { ceilDiv: ['n', 'chunk'] }

const variantOf = (way: ReduceFamily): KernelVariant =>
  reducedInParts(way, {
    programs: [...way.directives, 'task', 'ranked', ...way.programs, 'argmaxProgram'],
    parts,
    partShape: ['rows', parts, 2],
    elementOperations: 8,
  })

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
