import type { KernelDescriptor, KernelPass, KernelVariant } from '../kernel.ts'
import pcg from '../pcg.wgsl?raw'
import task from '../task.wgsl?raw'
import registerTile from './registerTile.wgsl?raw'
import registerTileSmall from './registerTileSmall.wgsl?raw'
import registerTileWide from './registerTileWide.wgsl?raw'
import rowBroadcast from './rowBroadcast.wgsl?raw'
import rowLoad from './rowLoad.wgsl?raw'
import seed from './seed.wgsl?raw'
import tileAccess from './tileAccess.wgsl?raw'
import workgroupTile from './workgroupTile.wgsl?raw'
import workgroupTile128 from './workgroupTile128.wgsl?raw'
import workgroupTileWide from './workgroupTileWide.wgsl?raw'

const seedPass = (entryPoint: 'seedA' | 'seedB'): KernelPass => ({
  step: 'seed',
  programs: ['task', 'pcg', 'seed'],
  entryPoint,
  reads: [],
  writes: entryPoint === 'seedA' ? 'a' : 'b',
  overrides: {},
  rows: entryPoint === 'seedA' ? 'm' : 'k',
  columns: entryPoint === 'seedA' ? 'k' : 'n',
  perWorkgroup: { rows: 1, columns: 64 },
  cellOperations: 16,
})

interface VariantRow {
  name: string
  family: KernelVariant['family']
  features: readonly string[]
  /** Program pieces of the multiplication; a piece with `enable` comes first. */
  programs: readonly string[]
  overrides: Readonly<Record<string, number>>
  perWorkgroup: { rows: number; columns: number }
  leastWorkgroups?: number
}

const registerTiles = {
  family: 'registerTile',
  overrides: { workgroupColumns: 32 },
  perWorkgroup: { rows: 8, columns: 128 },
  // A smaller product has its result from the small tile before this one is compiled.
  leastWorkgroups: 8,
} as const

/**
 * `leastWorkgroups` is where the next smaller tile became faster on an NVIDIA H100 (docs/benchmarks.md); of the tile of 128
 * only a trial program was timed there, at 2048, where it took 561 us and the tile of 64 took 708.
 */
const workgroupTiles = (side: 64 | 32 | 16, leastWorkgroups?: number) =>
  ({
    name: `workgroupTile${side}`,
    family: 'workgroupTile',
    features: [],
    programs: ['task', 'tileAccess', 'workgroupTile'],
    overrides: { groups: side / 4 },
    perWorkgroup: { rows: side, columns: side },
    ...(leastWorkgroups !== undefined && { leastWorkgroups }),
  }) as const

/** Tiles of 128 columns for tuners: which of all tiles is the fastest one differs from device to device. */
const workgroupTilesWide = (groupRows: 1 | 4) =>
  ({
    name: `workgroupTile${16 * groupRows}x128`,
    family: 'workgroupTile',
    features: [],
    programs: ['task', 'tileAccess', 'workgroupTileWide'],
    overrides: { groupRows },
    perWorkgroup: { rows: 16 * groupRows, columns: 128 },
  }) as const

const rows: readonly VariantRow[] = [
  {
    name: 'registerTileWideBroadcast',
    family: 'registerTile',
    features: ['subgroups'],
    programs: ['rowBroadcast', 'task', 'registerTileWide'],
    overrides: { workgroupColumns: 8 },
    perWorkgroup: { rows: 16, columns: 128 },
    // A software adapter has a few cores; smaller products waste less in smaller tiles.
    leastWorkgroups: 8,
  },
  {
    name: 'registerTileBroadcast',
    features: ['subgroups'],
    programs: ['rowBroadcast', 'task', 'registerTile'],
    ...registerTiles,
  },
  { name: 'registerTile', features: [], programs: ['rowLoad', 'task', 'registerTile'], ...registerTiles },
  {
    name: 'registerTileSmall',
    family: 'registerTile',
    features: [],
    programs: ['task', 'registerTileSmall'],
    overrides: { workgroupColumns: 16 },
    perWorkgroup: { rows: 4, columns: 64 },
  },
  {
    name: 'workgroupTile128',
    family: 'workgroupTile',
    features: [],
    programs: ['task', 'tileAccess', 'workgroupTile128'],
    overrides: {},
    perWorkgroup: { rows: 128, columns: 128 },
    // As workgroupTiles(64): see there.
    leastWorkgroups: 200,
  },
  workgroupTiles(64, 200),
  workgroupTiles(32, 140),
  workgroupTiles(16),
  workgroupTilesWide(4),
  workgroupTilesWide(1),
]

/** `matmul-f32`: c = a * b in f32; a: f32[m,k], b: f32[k,n], c: f32[m,n], within the bound of roundingBound.ts. */
export const matmulF32: KernelDescriptor = {
  v: 1,
  name: 'matmul-f32',
  summary: 'Matrix product: a FP32[m,k] times b FP32[k,n] gives c FP32[m,n], each sum in any order.',
  lane: 'float',
  tensors: [
    { name: 'a', role: 'input', datatype: 'FP32', shape: ['m', 'k'] },
    { name: 'b', role: 'input', datatype: 'FP32', shape: ['k', 'n'] },
    { name: 'c', role: 'output', datatype: 'FP32', shape: ['m', 'n'] },
  ],
  operations: { times: [2, 'm', 'k', 'n'] },
  variants: rows.map((row) => ({
    name: row.name,
    family: row.family,
    needs: { languageFeatures: [], features: row.features },
    ...(row.leastWorkgroups !== undefined && { leastWorkgroups: row.leastWorkgroups }),
    scratch: [],
    passes: [
      seedPass('seedA'),
      seedPass('seedB'),
      {
        step: 'compute',
        programs: row.programs,
        entryPoint: 'main',
        reads: ['a', 'b'],
        writes: 'c',
        overrides: row.overrides,
        rows: 'm',
        columns: 'n',
        perWorkgroup: row.perWorkgroup,
        cellOperations: { times: [2, 'k'] },
      },
    ],
  })),
  programs: {
    task,
    pcg,
    seed,
    rowLoad,
    rowBroadcast,
    registerTile,
    registerTileSmall,
    registerTileWide,
    tileAccess,
    workgroupTile,
    workgroupTile128,
    workgroupTileWide,
  },
}
