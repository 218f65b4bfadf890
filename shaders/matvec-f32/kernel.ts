import { bandFields, field } from '../elementwise.ts'
import type { KernelDescriptor, KernelVariant } from '../kernel.ts'
import fourSums from '../rows/fourSums.wgsl?raw'
import { reduceFamilies, reducePrograms } from '../rows/reduceFamilies.ts'
import matvec from './matvec.wgsl?raw'
import task from './task.wgsl?raw'

const variants = reduceFamilies('addSubgroup').map(
  (way): KernelVariant => ({
    name: way.name,
    family: way.family,
    needs: way.needs,
    tuning: { lanes: way.lanes },
    scratch: [],
    passes: [
      {
        step: 'compute',
        programs: [...way.directives, 'task', 'fourSums', ...way.programs, 'matvec'],
        entryPoint: 'main',
        reads: ['weights', 'x'],
        writes: 'y',
        overrides: { lanes: 'lanes' },
        rows: { ceilDiv: ['n', 4] },
        columns: 1,
        perWorkgroup: { rows: way.rowsPerWorkgroup, columns: 1 },
        cellOperations: { times: [8, 'k'] },
      },
    ],
  }),
)

/** `matvec-f32`: y f32[n] = weights f32[n,k] times x f32[k], within the bound of matmul-f32/roundingBound.ts. */
export const matvecF32: KernelDescriptor = {
  v: 1,
  name: 'matvec-f32',
  summary: 'Matrix times vector: weights FP32[n,k] times x FP32[k] gives y FP32[n], each sum in any order.',
  lane: 'float',
  arguments: [
    { name: 'n', type: 'u32', least: 0, most: 2 ** 26 },
    { name: 'k', type: 'u32', least: 0, most: 2 ** 20 },
  ],
  uniforms: [...['n', 'k'].map(field), ...bandFields],
  tensors: [
    { name: 'weights', role: 'input', datatype: 'FP32', shape: ['n', 'k'] },
    { name: 'x', role: 'input', datatype: 'FP32', shape: ['k'] },
    { name: 'y', role: 'output', datatype: 'FP32', shape: ['n'] },
  ],
  operations: { times: [2, 'n', 'k'] },
  variants,
  programs: { ...reducePrograms, fourSums, task, matvec },
}
