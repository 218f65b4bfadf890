import { bandFields, elementwiseVariant, field } from '../elementwise.ts'
import type { KernelDescriptor } from '../kernel.ts'
import type { Size } from '../size.ts'
import ropeProgram from './rope.wgsl?raw'
import task from './task.wgsl?raw'

const width: Size = { times: [2, 'half'] }

/** `rope-exact`: rotary positions of queries and keys and the clamp of values in i32; rule S8 of the exact lane. */
export const ropeExact: KernelDescriptor = {
  v: 1,
  name: 'rope-exact',
  summary: 'Rotates neighbouring pairs of integer queries and keys by a table of angles, and clamps values.',
  lane: 'exact',
  arguments: [
    { name: 'rows', type: 'u32', least: 0, most: 2 ** 24 },
    { name: 'heads', type: 'u32', least: 1, most: 2 ** 12 },
    // Heads from the first on that are rotated; the others are values.
    { name: 'rotated', type: 'u32', least: 0, most: 2 ** 12 },
    // Pairs of a head.
    { name: 'half', type: 'u32', least: 1, most: 2 ** 12 },
    // Positions that the tables hold.
    { name: 'positions', type: 'u32', least: 1, most: 2 ** 20 },
  ],
  uniforms: [...['rows', 'heads', 'rotated', 'half', 'positions'].map(field), ...bandFields],
  tensors: [
    { name: 'x', role: 'input', datatype: 'INT32', shape: ['rows', 'heads', width] },
    { name: 'position', role: 'input', datatype: 'UINT32', shape: ['rows'] },
    { name: 'cosines', role: 'input', datatype: 'INT32', shape: ['positions', 'half'] },
    { name: 'sines', role: 'input', datatype: 'INT32', shape: ['positions', 'half'] },
    { name: 'y', role: 'output', datatype: 'INT32', shape: ['rows', 'heads', width] },
  ],
  operations: { times: [8, 'rows', 'heads', 'half'] },
  variants: elementwiseVariant({
    programs: ['task', 'ropeProgram'],
    reads: ['x', 'position', 'cosines', 'sines'],
    writes: 'y',
    rows: 'rows',
    columns: { times: ['heads', 'half'] },
    cellOperations: 20,
  }),
  programs: { task, ropeProgram },
}
