import type { KernelDescriptor, KernelPass, KernelVariant, ScratchTensor } from '../kernel.ts'
import pcg from '../pcg.wgsl?raw'
import type { Size } from '../size.ts'
import task from '../task.wgsl?raw'
import arrange from './arrange.wgsl?raw'
import dotPacked from './dotPacked.wgsl?raw'
import dotUnpacked from './dotUnpacked.wgsl?raw'
import registerTile from './registerTile.wgsl?raw'
import seed from './seed.wgsl?raw'
import workgroupTile from './workgroupTile.wgsl?raw'

const kQuads: Size = { ceilDiv: ['k', 4] }

const scratch: readonly ScratchTensor[] = [
  { name: 'aQuads', datatype: 'UINT32', shape: ['m', kQuads] },
  { name: 'bQuads', datatype: 'UINT32', shape: [kQuads, 'n'] },
]

/** A pass that fills a matrix of quads, one cell an invocation. */
const layoutPass = (
  step: 'seed' | 'arrange',
  entryPoint: string,
  reads: readonly string[],
  writes: 'aQuads' | 'bQuads',
): KernelPass => ({
  step,
  programs: step === 'seed' ? ['task', 'pcg', 'seed'] : ['task', 'arrange'],
  entryPoint,
  reads,
  writes,
  overrides: {},
  rows: writes === 'aQuads' ? 'm' : kQuads,
  columns: writes === 'aQuads' ? kQuads : 'n',
  perWorkgroup: { rows: 1, columns: 64 },
  cellOperations: 64,
})

const layoutPasses: readonly KernelPass[] = [
  layoutPass('seed', 'seedA', [], 'aQuads'),
  layoutPass('seed', 'seedB', [], 'bQuads'),
  layoutPass('arrange', 'arrangeA', ['a'], 'aQuads'),
  layoutPass('arrange', 'arrangeB', ['b'], 'bQuads'),
]

interface VariantRow {
  name: string
  family: KernelVariant['family']
  languageFeatures: readonly string[]
  /** Program pieces of the multiplication; a piece with `requires` comes first. */
  programs: readonly string[]
  overrides: Readonly<Record<string, number>>
  perWorkgroup: { rows: number; columns: number }
  leastWorkgroups?: number
}

const packed = ['packed_4x8_integer_dot_product']
const registerTiles = {
  family: 'registerTile',
  overrides: { workgroupColumns: 32 },
  perWorkgroup: { rows: 8, columns: 128 },
} as const
const workgroupTiles = (side: 64 | 32 | 16) =>
  ({
    family: 'workgroupTile',
    overrides: { groups: side / 4 },
    perWorkgroup: { rows: side, columns: side },
  }) as const
/** `leastWorkgroups` is where the next smaller tile became faster on an NVIDIA H100 (docs/benchmarks.md). */
const packedTiles = (side: 64 | 32 | 16, leastWorkgroups?: number) =>
  ({
    name: `workgroupTile${side}Packed`,
    languageFeatures: packed,
    programs: ['dotPacked', 'task', 'workgroupTile'],
    ...workgroupTiles(side),
    ...(leastWorkgroups !== undefined && { leastWorkgroups }),
  }) as const

const rows: readonly VariantRow[] = [
  {
    name: 'registerTileUnpacked',
    languageFeatures: [],
    programs: ['task', 'dotUnpacked', 'registerTile'],
    ...registerTiles,
  },
  {
    name: 'registerTilePacked',
    languageFeatures: packed,
    programs: ['dotPacked', 'task', 'registerTile'],
    ...registerTiles,
  },
  packedTiles(64, 200),
  packedTiles(32, 140),
  packedTiles(16),
  {
    name: 'workgroupTile64Unpacked',
    languageFeatures: [],
    programs: ['task', 'dotUnpacked', 'workgroupTile'],
    ...workgroupTiles(64),
  },
]

/** `matmul-i8`: c = a * b over the integers; a: i8[m,k], b: i8[k,n], c: i32[m,n], sums modulo 2^32. */
export const matmulI8: KernelDescriptor = {
  v: 1,
  name: 'matmul-i8',
  summary: 'Integer matrix product: a INT8[m,k] times b INT8[k,n] gives c INT32[m,n], exact modulo 2^32.',
  lane: 'exact',
  tensors: [
    { name: 'a', role: 'input', datatype: 'INT8', shape: ['m', 'k'] },
    { name: 'b', role: 'input', datatype: 'INT8', shape: ['k', 'n'] },
    { name: 'c', role: 'output', datatype: 'INT32', shape: ['m', 'n'] },
  ],
  operations: { times: [2, 'm', 'k', 'n'] },
  variants: rows.map((row) => ({
    name: row.name,
    family: row.family,
    needs: { languageFeatures: row.languageFeatures, features: [] },
    ...(row.leastWorkgroups !== undefined && { leastWorkgroups: row.leastWorkgroups }),
    scratch,
    passes: [
      ...layoutPasses,
      {
        step: 'compute',
        programs: row.programs,
        entryPoint: 'main',
        reads: ['aQuads', 'bQuads'],
        writes: 'c',
        overrides: row.overrides,
        rows: 'm',
        columns: 'n',
        perWorkgroup: row.perWorkgroup,
        cellOperations: { times: [2, 'k'] },
      },
    ],
  })),
  programs: { task, pcg, arrange, seed, dotPacked, dotUnpacked, registerTile, workgroupTile },
}
