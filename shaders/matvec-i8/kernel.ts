import { bandFields, field } from '../elementwise.ts'
import type { KernelDescriptor, KernelVariant } from '../kernel.ts'
import fourAlone from '../rows/fourAlone.wgsl?raw'
import fourSubgroup from '../rows/fourSubgroup.wgsl?raw'
import fourWorkgroup from '../rows/fourWorkgroup.wgsl?raw'
import { rowFamilies, rowPrograms } from '../rows/rowFamilies.ts'
import type { Size } from '../size.ts'
import {
  dotForms,
  groupsOf,
  type WeightForm,
  weightForms,
  weightPrograms,
} from '../weights-i8/weightForms.ts'
import matvec from './matvec.wgsl?raw'
import matvecByFloats from './matvecByFloats.wgsl?raw'
import offsetWeights from './offsetWeights.wgsl?raw'
import task from './task.wgsl?raw'

const four = { rowAlone: 'fourAlone', rowWorkgroup: 'fourWorkgroup', rowSubgroup: 'fourSubgroup' } as const

/** A row family and a way to multiply: every pair is a variant. */
const variantsOf = ({ program, tensors }: WeightForm): KernelVariant[] =>
  rowFamilies.flatMap((way) =>
    dotForms.map((dot) => ({
      name: `${way.name}${dot.suffix}`,
      family: way.family,
      needs: { languageFeatures: dot.languageFeatures, features: way.features },
      tuning: { lanes: way.family === 'registerTile' ? way.lanes : { value: 32, values: [8, 16, 32, 64] } },
      scratch: [],
      passes: [
        {
          step: 'compute',
          programs: [
            ...way.directives,
            ...dot.directives,
            'task',
            ...dot.programs,
            program,
            'groupSums',
            way.name,
            four[way.name],
            'matvec',
          ],
          entryPoint: 'main',
          reads: ['codes', ...tensors.map(({ name }) => name)],
          writes: 'accumulators',
          overrides: { lanes: 'lanes', planes: 'planes' },
          rows: { ceilDiv: ['n', 4] },
          columns: 1,
          perWorkgroup: { rows: way.rowsPerWorkgroup, columns: 1 },
          cellOperations: { times: [8, 'k', 'planes'] },
        },
      ],
    })),
  )

/** Rows after which the activations, which an invocation makes for itself, cost next to nothing. */
const MOST_ROWS = 128

const invocationsByFloats: Size = {
  times: ['lanes', 'workgroups', { ceilDiv: ['n', { times: ['lanes', 'workgroups', MOST_ROWS] }] }],
}
/** Rows of weights that an invocation of matvecByFloats.wgsl works on. */
const rowsByFloats: Size = { max: [1, { ceilDiv: ['n', { max: [1, invocationsByFloats] }] }] }

const byFloats: KernelVariant = {
  name: 'rowsByFloats',
  family: 'registerTile',
  needs: { languageFeatures: [], features: [] },
  tuning: {
    lanes: { value: 8, values: [4, 8, 16] },
    // A pass has a multiple of so many workgroups, all with about as many rows: one for each thread of a processor.
    workgroups: { value: 2, values: [2, 4, 8, 16] },
  },
  scratch: [{ name: 'offsetWeights', datatype: 'UINT32', shape: ['n', { times: [8, groupsOf] }] }],
  passes: [
    {
      step: 'arrange',
      programs: ['task', 'offsetWeights'],
      entryPoint: 'offset',
      reads: ['weights'],
      writes: 'offsetWeights',
      overrides: {},
      rows: 'n',
      columns: { times: [2, groupsOf] },
      perWorkgroup: { rows: 1, columns: 64 },
      cellOperations: 4,
    },
    {
      step: 'compute',
      programs: ['matvecByFloats'],
      entryPoint: 'main',
      reads: ['codes', 'offsetWeights'],
      writes: 'accumulators',
      overrides: { lanes: 'lanes', rowsEach: 'rowsEach', planes: 'planes' },
      constants: { rowsEach: rowsByFloats },
      rows: { ceilDiv: ['n', 'rowsEach'] },
      columns: 1,
      perWorkgroup: { rows: 'lanes', columns: 1 },
      cellOperations: { times: [2, 'rowsEach', 'k', 'planes'] },
    },
  ],
}

const matvecOf = (form: WeightForm): KernelDescriptor => ({
  v: 1,
  name: `matvec-i8${form.suffix}`,
  summary: `Integer matrix times one row of int8 codes, exact modulo 2^32: ${form.inWords}.`,
  lane: 'exact',
  arguments: [
    // Rows of the matrix.
    { name: 'n', type: 'u32', least: 0, most: 2 ** 26 },
    { name: 'k', type: 'u32', least: 0, most: 2 ** 20 },
    // Int8 planes of the activations: 1, or 2 for codes of 12 bits.
    { name: 'planes', type: 'u32', least: 1, most: 2 },
  ],
  uniforms: [field('n'), { name: 'groups', type: 'u32', value: groupsOf }, ...bandFields],
  tensors: [
    { name: 'codes', role: 'input', datatype: 'UINT32', shape: ['planes', { times: [8, groupsOf] }] },
    ...form.tensors,
    { name: 'accumulators', role: 'output', datatype: 'INT32', shape: ['n'] },
  ],
  operations: { times: [2, 'n', 'k', 'planes'] },
  // On a software adapter the first of its family is taken before a tuner ran.
  variants: [...(form.program === 'perChannel' ? [byFloats] : []), ...variantsOf(form)],
  programs: {
    ...rowPrograms,
    ...weightPrograms,
    fourAlone,
    fourWorkgroup,
    fourSubgroup,
    task,
    matvec,
    ...(form.program === 'perChannel' && { matvecByFloats, offsetWeights }),
  },
})

/** `matvec-i8` and its forms of weights: i32[n] = W[n,k] times a row of codes; the product of rule S5. */
export const matvecI8Kernels: readonly { kernel: KernelDescriptor; form: WeightForm }[] = weightForms.map(
  (form) => ({ kernel: matvecOf(form), form }),
)
