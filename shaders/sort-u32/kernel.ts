import { bandFields, field } from '../elementwise.ts'
import type { KernelDescriptor, KernelPass, KernelVariant } from '../kernel.ts'
import reduce from '../reduce/reduce.wgsl?raw'
import sumI32 from '../reduce/sumI32.wgsl?raw'
import reduceAlone from '../rows/reduceAlone.wgsl?raw'
import reduceWorkgroup from '../rows/reduceWorkgroup.wgsl?raw'
import rowAlone from '../rows/rowAlone.wgsl?raw'
import rowWorkgroup from '../rows/rowWorkgroup.wgsl?raw'
import scanAlone from '../rows/scanAlone.wgsl?raw'
import scanWorkgroup from '../rows/scanWorkgroup.wgsl?raw'
import offsets from '../scan/offsets.wgsl?raw'
import scan from '../scan/scan.wgsl?raw'
import type { Size } from '../size.ts'
import countAlone from './countAlone.wgsl?raw'
import countWorkgroup from './countWorkgroup.wgsl?raw'
import digitsWorkgroup from './digitsWorkgroup.wgsl?raw'
import scatterAlone from './scatterAlone.wgsl?raw'
import scatterWorkgroup from './scatterWorkgroup.wgsl?raw'
import task from './task.wgsl?raw'

/** A way to sort: how many bits a round looks at and who works on a block of keys. */
interface SortForm {
  name: string
  family: KernelVariant['family']
  digitBits: number
  blockKeys: number
  count: readonly string[]
  scatter: readonly string[]
  /** The alone form counts on in what the scan gave; the other one keeps its own count. */
  movesCounts: boolean
  /** Blocks that a workgroup works on, and its size where it may be chosen. */
  blocksPerWorkgroup: number
  overrides: KernelPass['overrides']
  /** The row family of the scan. */
  reduceRow: readonly string[]
  scanRow: readonly string[]
  chunk: number
}

const sortForms: readonly SortForm[] = [
  {
    name: 'alone',
    family: 'registerTile',
    digitBits: 8,
    blockKeys: 1024,
    count: ['countAlone'],
    scatter: ['scatterAlone'],
    movesCounts: true,
    blocksPerWorkgroup: 32,
    overrides: { lanes: 32 },
    reduceRow: ['rowAlone', 'reduceAlone'],
    scanRow: ['rowAlone', 'scanAlone'],
    chunk: 256,
  },
  {
    name: 'workgroup',
    family: 'workgroupTile',
    digitBits: 4,
    blockKeys: 1024,
    count: ['digitsWorkgroup', 'countWorkgroup'],
    scatter: ['digitsWorkgroup', 'scatterWorkgroup'],
    movesCounts: false,
    blocksPerWorkgroup: 1,
    overrides: {},
    reduceRow: ['rowWorkgroup', 'reduceWorkgroup'],
    scanRow: ['rowWorkgroup', 'scanWorkgroup'],
    chunk: 2048,
  },
]

/** The passes of one round: keys and values go from one pair of buffers to another in the order of one digit. */
function roundOf(
  form: SortForm,
  shift: number,
  [keysFrom, valuesFrom]: readonly [string, string],
  [keysTo, valuesTo]: readonly [string, string],
): KernelPass[] {
  const blocks: Size = { ceilDiv: ['n', form.blockKeys] }
  const counts: Size = { times: [2 ** form.digitBits, blocks] }
  const parts: Size = { max: [1, { ceilDiv: [counts, form.chunk] }] }
  const ofSort = {
    rows: 0,
    parts: 0,
    chunk: 0,
    exclusive: 0,
    keys: 'n',
    blocks,
    blockKeys: form.blockKeys,
    shift,
  }
  // The programs of the scan take the counts for their one row of n elements; in their passes `n` is that number, and
  // what is said of the keys' own n stands in constants.
  const ofScan = { ...ofSort, rows: 1, n: counts, parts, chunk: form.chunk, exclusive: 1 }
  const sorting = {
    step: 'compute',
    entryPoint: 'main',
    overrides: form.overrides,
    constants: ofSort,
    rows: blocks,
    columns: 1,
    perWorkgroup: { rows: form.blocksPerWorkgroup, columns: 1 },
  } as const
  const scanning = {
    step: 'compute',
    overrides: { lanes: form.family === 'registerTile' ? 32 : 128 },
    constants: ofScan,
    columns: 1,
    perWorkgroup: { rows: form.family === 'registerTile' ? 32 : 1, columns: 1 },
  } as const
  const cellOperations = 16 * form.blockKeys
  return [
    {
      ...sorting,
      programs: ['task', ...form.count],
      reads: [keysFrom],
      writes: 'counts',
      cellOperations,
    },
    {
      ...scanning,
      programs: ['task', 'sumI32', ...form.reduceRow, 'reduce'],
      entryPoint: 'parts',
      reads: ['counts'],
      writes: 'parts',
      rows: 'parts',
      cellOperations: 4 * form.chunk,
    },
    {
      ...scanning,
      programs: ['task', 'sumI32', ...form.scanRow, 'offsets'],
      entryPoint: 'main',
      reads: [],
      writes: 'parts',
      rows: 1,
      cellOperations: { times: [8, 'parts'] },
    },
    {
      ...scanning,
      programs: ['task', 'sumI32', ...form.scanRow, 'scan'],
      entryPoint: 'main',
      reads: ['counts', 'parts'],
      writes: 'starts',
      rows: 'parts',
      cellOperations: 8 * form.chunk,
    },
    {
      ...sorting,
      programs: ['task', ...form.scatter],
      reads: form.movesCounts ? [keysFrom, valuesFrom] : [keysFrom, valuesFrom, 'starts'],
      writes: form.movesCounts ? ['starts', keysTo, valuesTo] : [keysTo, valuesTo],
      cellOperations,
    },
  ]
}

function variantOf(form: SortForm): KernelVariant {
  const blocks: Size = { ceilDiv: ['n', form.blockKeys] }
  const counts: Size = { times: [2 ** form.digitBits, blocks] }
  const rounds = 32 / form.digitBits
  // Before and after each round; two pairs of buffers take turns between the ends.
  const stations: (readonly [string, string])[] = Array.from({ length: rounds + 1 }, (_, at) => {
    if (at === 0) return ['keys', 'values']
    if (at === rounds) return ['sortedKeys', 'sortedValues']
    return at % 2 === 1 ? ['oddKeys', 'oddValues'] : ['evenKeys', 'evenValues']
  })
  return {
    name: form.name,
    family: form.family,
    needs: { languageFeatures: [], features: [] },
    scratch: [
      { name: 'counts', datatype: 'UINT32', shape: [counts] },
      { name: 'starts', datatype: 'UINT32', shape: [counts] },
      { name: 'parts', datatype: 'UINT32', shape: [{ max: [1, { ceilDiv: [counts, form.chunk] }] }] },
      ...['oddKeys', 'evenKeys'].map((name) => ({ name, datatype: 'UINT32' as const, shape: ['n'] })),
      ...['oddValues', 'evenValues'].map((name) => ({
        name,
        datatype: 'UINT32' as const,
        shape: ['payload', 'n'],
      })),
    ],
    passes: Array.from({ length: rounds }, (_, round) =>
      roundOf(form, round * form.digitBits, stations[round]!, stations[round + 1]!),
    ).flat(),
  }
}

/** `sort-u32`: keys in ascending order, equal ones in the order that they came in, with a payload or without. */
export const sortU32: KernelDescriptor = {
  v: 1,
  name: 'sort-u32',
  summary: 'Sorts u32 keys in ascending order with a 32-bit payload or without; equal keys keep their order.',
  lane: 'exact',
  arguments: [
    { name: 'n', type: 'u32', least: 0, most: 2 ** 28 },
    // Whether each key has a value that goes with it.
    { name: 'payload', type: 'u32', least: 0, most: 1 },
  ],
  uniforms: [
    ...['rows', 'n', 'parts', 'chunk', 'exclusive', 'keys', 'blocks', 'blockKeys', 'shift', 'payload'].map(
      field,
    ),
    ...bandFields,
  ],
  tensors: [
    { name: 'keys', role: 'input', datatype: 'UINT32', shape: ['n'] },
    { name: 'values', role: 'input', datatype: 'UINT32', shape: ['payload', 'n'] },
    { name: 'sortedKeys', role: 'output', datatype: 'UINT32', shape: ['n'] },
    { name: 'sortedValues', role: 'output', datatype: 'UINT32', shape: ['payload', 'n'] },
  ],
  // Comparisons of a sort that knows nothing of its keys would be n log n; a radix sort looks at each four times.
  operations: { times: [4, 'n'] },
  variants: sortForms.map(variantOf),
  programs: {
    task,
    countAlone,
    scatterAlone,
    digitsWorkgroup,
    countWorkgroup,
    scatterWorkgroup,
    sumI32,
    rowAlone,
    reduceAlone,
    scanAlone,
    rowWorkgroup,
    reduceWorkgroup,
    scanWorkgroup,
    reduce,
    offsets,
    scan,
  },
}
