import { bandFields, field } from '../elementwise.ts'
import enableSubgroups from '../enableSubgroups.wgsl?raw'
import type { KernelDescriptor, KernelVariant } from '../kernel.ts'
import fourSums from '../rows/fourSums.wgsl?raw'
import { type ReduceFamily, reduceFamilies, reducePrograms } from '../rows/reduceFamilies.ts'
import { blocksOf, type Q4Form, q4Forms, q4Programs } from '../weights-q4/q4Forms.ts'
import input from './input.wgsl?raw'
import inputBroadcast from './inputBroadcast.wgsl?raw'
import inputLoad from './inputLoad.wgsl?raw'
import matvec from './matvec.wgsl?raw'
import task from './task.wgsl?raw'

const [alone, ...shared] = reduceFamilies('addSubgroup')

/** How x is read and rows are shared: every row is a variant. */
const ways: readonly (Omit<ReduceFamily, 'name'> & { name: string; inputProgram: string })[] = [
  {
    ...alone!,
    name: 'aloneBroadcast',
    needs: { languageFeatures: [], features: ['subgroups'] },
    directives: ['enableSubgroups'],
    programs: ['rowAlone'],
    inputProgram: 'inputBroadcast',
  },
  { ...alone!, inputProgram: 'inputLoad' },
  ...shared.map((way) => ({ ...way, inputProgram: 'inputLoad' })),
]

const variantsOf = ({ program, tensors }: Q4Form): KernelVariant[] =>
  ways.map((way) => ({
    name: way.name,
    family: way.family,
    needs: way.needs,
    tuning: { lanes: way.lanes },
    scratch: [],
    passes: [
      {
        step: 'compute',
        programs: [
          ...way.directives,
          'task',
          'blocks',
          program,
          'fourSums',
          ...way.programs,
          'input',
          way.inputProgram,
          'matvec',
        ],
        entryPoint: 'main',
        reads: [...tensors.map(({ name }) => name), 'x'],
        writes: 'y',
        overrides: { lanes: 'lanes' },
        rows: { ceilDiv: ['n', 4] },
        columns: 1,
        perWorkgroup: { rows: way.rowsPerWorkgroup, columns: 1 },
        cellOperations: { times: [8, 'k'] },
      },
    ],
  }))

const matvecOf = (form: Q4Form): KernelDescriptor => ({
  v: 1,
  name: `matvec-q4${form.suffix}`,
  summary: `Matrix times vector in f32, each sum in any order: ${form.inWords}.`,
  lane: 'float',
  arguments: [
    { name: 'n', type: 'u32', least: 0, most: 2 ** 26 },
    { name: 'k', type: 'u32', least: 0, most: 2 ** 20 },
  ],
  uniforms: [
    ...['n', 'k'].map(field),
    { name: 'blocks', type: 'u32', value: blocksOf },
    { name: 'unused', type: 'u32', value: 0 },
    ...bandFields,
  ],
  tensors: [
    ...form.tensors,
    { name: 'x', role: 'input', datatype: 'FP32', shape: ['k'] },
    { name: 'y', role: 'output', datatype: 'FP32', shape: ['n'] },
  ],
  operations: { times: [2, 'n', 'k'] },
  variants: variantsOf(form),
  programs: {
    ...reducePrograms,
    ...q4Programs,
    enableSubgroups,
    fourSums,
    task,
    input,
    inputLoad,
    inputBroadcast,
    matvec,
  },
})

/** `matvec-q4` and `matvec-q4-offsets`: y f32[n] = W[n,k] of 4-bit blocks times x f32[k], within q4Bound. */
export const matvecQ4Kernels: readonly { kernel: KernelDescriptor; form: Q4Form }[] = q4Forms.map((form) => ({
  kernel: matvecOf(form),
  form,
}))
