import { bandFields, field } from '../elementwise.ts'
import enableSubgroups from '../enableSubgroups.wgsl?raw'
import type { KernelDescriptor, KernelVariant } from '../kernel.ts'
import type { Size } from '../size.ts'
import { blocksOf, type Q4Form, q4Forms, q4Programs } from '../weights-q4/q4Forms.ts'
import registerTile from './registerTile.wgsl?raw'
import rowBroadcast from './rowBroadcast.wgsl?raw'
import rowLoad from './rowLoad.wgsl?raw'
import rows from './rows.wgsl?raw'
import task from './task.wgsl?raw'
import workgroupTile from './workgroupTile.wgsl?raw'

interface TileForm {
  name: string
  family: KernelVariant['family']
  features: readonly string[]
  directives: readonly string[]
  programs: readonly string[]
  tuning: NonNullable<KernelVariant['tuning']>
  perWorkgroup: { rows: Size; columns: Size }
}

const registerTiles = {
  family: 'registerTile',
  tuning: { lanes: { value: 16, values: [8, 16, 32, 64] } },
  perWorkgroup: { rows: 4, columns: { times: [4, 'lanes'] } },
} as const

const tileForms: readonly TileForm[] = [
  {
    name: 'registerTileBroadcast',
    features: ['subgroups'],
    directives: ['enableSubgroups'],
    programs: ['rowBroadcast', 'registerTile'],
    ...registerTiles,
  },
  {
    name: 'registerTile',
    features: [],
    directives: [],
    programs: ['rowLoad', 'registerTile'],
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

const variantsOf = ({ program, tensors }: Q4Form): KernelVariant[] =>
  tileForms.map((tile) => ({
    name: tile.name,
    family: tile.family,
    needs: { languageFeatures: [], features: tile.features },
    tuning: tile.tuning,
    scratch: [],
    passes: [
      {
        step: 'compute',
        programs: [...tile.directives, 'task', 'blocks', program, 'rows', ...tile.programs],
        entryPoint: 'main',
        reads: [...tensors.map(({ name }) => name), 'x'],
        writes: 'y',
        overrides: lanesOf(tile),
        rows: 'm',
        columns: 'n',
        perWorkgroup: tile.perWorkgroup,
        cellOperations: { times: [3, 'k'] },
      },
    ],
  }))

const lanesOf = ({ tuning }: TileForm): Readonly<Record<string, Size>> =>
  'lanes' in tuning ? { lanes: 'lanes' } : {}

const matmulOf = (form: Q4Form): KernelDescriptor => ({
  v: 1,
  name: `matmul-q4${form.suffix}`,
  summary: `Rows of f32 times the rows of a matrix, each sum in any order: ${form.inWords}.`,
  lane: 'float',
  arguments: [
    // Rows of x.
    { name: 'm', type: 'u32', least: 0, most: 2 ** 20 },
    // Rows of the matrix.
    { name: 'n', type: 'u32', least: 0, most: 2 ** 26 },
    { name: 'k', type: 'u32', least: 0, most: 2 ** 20 },
  ],
  uniforms: [...['m', 'n', 'k'].map(field), { name: 'blocks', type: 'u32', value: blocksOf }, ...bandFields],
  tensors: [
    ...form.tensors,
    { name: 'x', role: 'input', datatype: 'FP32', shape: ['m', 'k'] },
    { name: 'y', role: 'output', datatype: 'FP32', shape: ['m', 'n'] },
  ],
  operations: { times: [2, 'm', 'n', 'k'] },
  variants: variantsOf(form),
  programs: {
    ...q4Programs,
    enableSubgroups,
    task,
    rows,
    rowLoad,
    rowBroadcast,
    registerTile,
    workgroupTile,
  },
})

/** `matmul-q4` and `matmul-q4-offsets`: y f32[m,n] = x f32[m,k] times W[n,k] of 4-bit blocks transposed, within q4Bound. */
export const matmulQ4Kernels: readonly { kernel: KernelDescriptor; form: Q4Form }[] = q4Forms.map((form) => ({
  kernel: matmulOf(form),
  form,
}))
