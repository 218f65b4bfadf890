import { bandFields, field } from '../elementwise.ts'
import enableSubgroups from '../enableSubgroups.wgsl?raw'
import type { KernelDescriptor, KernelVariant, Tunable } from '../kernel.ts'
import type { Size } from '../size.ts'
import {
  dotForms,
  groupsOf,
  type WeightForm,
  weightForms,
  weightPrograms,
} from '../weights-i8/weightForms.ts'
import codes from './codes.wgsl?raw'
import registerTile from './registerTile.wgsl?raw'
import rowBroadcast from './rowBroadcast.wgsl?raw'
import rowLoad from './rowLoad.wgsl?raw'
import task from './task.wgsl?raw'
import workgroupTile from './workgroupTile.wgsl?raw'

interface TileForm {
  name: string
  family: KernelVariant['family']
  features: readonly string[]
  directives: readonly string[]
  programs: readonly string[]
  tuning: Readonly<Record<string, Tunable>>
  perWorkgroup: { rows: Size; columns: Size }
}

const registerTiles = {
  tuning: { lanes: { value: 16, values: [16, 32, 64] } },
  perWorkgroup: { rows: 4, columns: { times: [4, 'lanes'] } },
}

const tileForms: readonly TileForm[] = [
  {
    name: 'registerTile',
    family: 'registerTile',
    features: [],
    directives: [],
    programs: ['rowLoad', 'registerTile'],
    ...registerTiles,
  },
  {
    name: 'registerTileBroadcast',
    family: 'subgroup',
    features: ['subgroups'],
    directives: ['enableSubgroups'],
    programs: ['rowBroadcast', 'registerTile'],
    ...registerTiles,
  },
  {
    name: 'workgroupTile',
    family: 'workgroupTile',
    features: [],
    directives: [],
    programs: ['workgroupTile'],
    tuning: {},
    perWorkgroup: { rows: 64, columns: 64 },
  },
]

/** A tile and a way to multiply: every pair is a variant. */
const variantsOf = ({ program, tensors }: WeightForm): KernelVariant[] =>
  tileForms.flatMap((tile) =>
    dotForms.map((dot) => ({
      name: `${tile.name}${dot.suffix}`,
      family: tile.family,
      needs: { languageFeatures: dot.languageFeatures, features: tile.features },
      tuning: tile.tuning,
      scratch: [],
      passes: [
        {
          step: 'compute',
          programs: [
            ...tile.directives,
            ...dot.directives,
            'task',
            'codes',
            ...dot.programs,
            program,
            'sixteenSums',
            ...tile.programs,
          ],
          entryPoint: 'main',
          reads: ['codes', ...tensors.map(({ name }) => name)],
          writes: 'accumulators',
          overrides: { ...lanesOf(tile), planes: 'planes' },
          rows: 'm',
          columns: 'n',
          perWorkgroup: tile.perWorkgroup,
          cellOperations: { times: [3, 'k', 'planes'] },
        },
      ],
    })),
  )

const lanesOf = ({ tuning }: TileForm): Readonly<Record<string, Size>> =>
  'lanes' in tuning ? { lanes: 'lanes' } : {}

const matmulOf = (form: WeightForm): KernelDescriptor => ({
  v: 1,
  name: `matmul-i8${form.suffix || '-rows'}`,
  summary: `Rows of int8 codes times the rows of an integer matrix, exact modulo 2^32: ${form.inWords}.`,
  lane: 'exact',
  arguments: [
    // Rows of activations.
    { name: 'm', type: 'u32', least: 0, most: 2 ** 20 },
    // Rows of the matrix.
    { name: 'n', type: 'u32', least: 0, most: 2 ** 26 },
    { name: 'k', type: 'u32', least: 0, most: 2 ** 20 },
    // Int8 planes of the activations: 1, or 2 for codes of 12 bits.
    { name: 'planes', type: 'u32', least: 1, most: 2 },
  ],
  uniforms: [...['m', 'n'].map(field), { name: 'groups', type: 'u32', value: groupsOf }, ...bandFields],
  tensors: [
    { name: 'codes', role: 'input', datatype: 'UINT32', shape: ['planes', 'm', { times: [8, groupsOf] }] },
    ...form.tensors,
    { name: 'accumulators', role: 'output', datatype: 'INT32', shape: ['m', 'n'] },
  ],
  operations: { times: [2, 'm', 'n', 'k', 'planes'] },
  variants: variantsOf(form),
  programs: {
    ...weightPrograms,
    enableSubgroups,
    task,
    codes,
    rowLoad,
    rowBroadcast,
    registerTile,
    workgroupTile,
  },
})

/** `matmul-i8-rows` and its forms of weights: i32[m,n] = codes[m,k] times W[n,k] transposed; the product of rule S5. */
export const matmulI8RowsKernels: readonly { kernel: KernelDescriptor; form: WeightForm }[] = weightForms.map(
  (form) => ({ kernel: matmulOf(form), form }),
)
