import { bandFields, elementwiseVariant, field } from '../elementwise.ts'
import type { KernelDescriptor } from '../kernel.ts'
import type { Size } from '../size.ts'
import ropeProgram from './rope.wgsl?raw'
import task from './task.wgsl?raw'

const width: Size = { times: [2, 'half'] }

/** `rope`: ONNX's RotaryEmbedding with tables of cosines and sines. */
export const rope: KernelDescriptor = {
  v: 1,
  name: 'rope',
  summary: 'Rotates the pairs of f32 heads by angles of their positions, given as tables.',
  lane: 'float',
  arguments: [
    { name: 'rows', type: 'u32', least: 0, most: 2 ** 24 },
    { name: 'heads', type: 'u32', least: 1, most: 2 ** 12 },
    // Pairs of a head.
    { name: 'half', type: 'u32', least: 1, most: 2 ** 12 },
    // Positions that the tables hold.
    { name: 'positions', type: 'u32', least: 1, most: 2 ** 20 },
    // 1: a pair is two neighbours; 0: an element of the head's first half and its like in the second.
    { name: 'interleaved', type: 'u32', least: 0, most: 1 },
  ],
  uniforms: [...['rows', 'heads', 'half', 'positions', 'interleaved'].map(field), ...bandFields],
  tensors: [
    { name: 'x', role: 'input', datatype: 'FP32', shape: ['rows', 'heads', width] },
    { name: 'position', role: 'input', datatype: 'UINT32', shape: ['rows'] },
    { name: 'cosines', role: 'input', datatype: 'FP32', shape: ['positions', 'half'] },
    { name: 'sines', role: 'input', datatype: 'FP32', shape: ['positions', 'half'] },
    { name: 'y', role: 'output', datatype: 'FP32', shape: ['rows', 'heads', width] },
  ],
  operations: { times: [6, 'rows', 'heads', 'half'] },
  variants: elementwiseVariant({
    programs: ['task', 'ropeProgram'],
    reads: ['x', 'position', 'cosines', 'sines'],
    writes: 'y',
    rows: 'rows',
    columns: { times: ['heads', 'half'] },
    cellOperations: 16,
  }),
  programs: { task, ropeProgram },
}
