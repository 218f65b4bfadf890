import { bandFields, field } from '../elementwise.ts'
import type { KernelDescriptor, KernelPass, KernelVariant } from '../kernel.ts'
import reduce from '../reduce/reduce.wgsl?raw'
import sumF32 from '../reduce/sumF32.wgsl?raw'
import sumI32 from '../reduce/sumI32.wgsl?raw'
import { type ReduceFamily, reduceFamilies, reducePrograms } from '../rows/reduceFamilies.ts'
import scanAlone from '../rows/scanAlone.wgsl?raw'
import scanSubgroup from '../rows/scanSubgroup.wgsl?raw'
import scanWorkgroup from '../rows/scanWorkgroup.wgsl?raw'
import type { Size } from '../size.ts'
import offsets from './offsets.wgsl?raw'
import scan from './scan.wgsl?raw'
import task from './task.wgsl?raw'

const parts: Size = { max: [1, { ceilDiv: ['n', 'chunk'] }] }

/** The pieces with `prefixOf` that take the place of those with `combineRow`. */
const prefixPrograms: Readonly<Record<ReduceFamily['name'], readonly string[]>> = {
  alone: ['rowAlone', 'scanAlone'],
  workgroup: ['rowWorkgroup', 'scanWorkgroup'],
  subgroup: ['scanSubgroup'],
}

type SumProgram = 'sumI32' | 'sumF32'

/** Sums of the parts, sums of all parts before each one, then each part by itself. */
function variantOf(sum: SumProgram, way: ReduceFamily): KernelVariant {
  const pass: Pick<KernelPass, 'step' | 'overrides' | 'columns' | 'perWorkgroup'> = {
    step: 'compute',
    overrides: { lanes: 'lanes' },
    columns: 1,
    perWorkgroup: { rows: way.rowsPerWorkgroup, columns: 1 },
  }
  const begin = [...way.directives, 'task', sum]
  return {
    name: way.name,
    family: way.family,
    needs: way.needs,
    tuning: {
      lanes: way.lanes,
      chunk: { value: way.family === 'registerTile' ? 256 : 2048, values: [256, 1024, 2048, 4096] },
    },
    scratch: [{ name: 'parts', datatype: 'UINT32', shape: ['rows', parts] }],
    passes: [
      {
        ...pass,
        programs: [...begin, ...way.programs, 'reduce'],
        entryPoint: 'parts',
        reads: ['x'],
        writes: 'parts',
        rows: { times: ['rows', parts] },
        cellOperations: { times: [4, { min: ['n', 'chunk'] }] },
      },
      {
        ...pass,
        programs: [...begin, ...prefixPrograms[way.name], 'offsets'],
        entryPoint: 'main',
        reads: [],
        writes: 'parts',
        rows: 'rows',
        cellOperations: { times: [8, parts] },
      },
      {
        ...pass,
        programs: [...begin, ...prefixPrograms[way.name], 'scan'],
        entryPoint: 'main',
        reads: ['x', 'parts'],
        writes: 'y',
        rows: { times: ['rows', parts] },
        cellOperations: { times: [8, { min: ['n', 'chunk'] }] },
      },
    ],
  }
}

const scanKernel = (name: string, datatype: 'INT32' | 'FP32', sum: SumProgram): KernelDescriptor => ({
  v: 1,
  name,
  summary: `Prefix sums of each row of a matrix, with or without the element itself${datatype === 'INT32' ? ', modulo 2^32' : ''}.`,
  lane: datatype === 'INT32' ? 'exact' : 'float',
  arguments: [
    { name: 'rows', type: 'u32', least: 0, most: 2 ** 24 },
    { name: 'n', type: 'u32', least: 0, most: 2 ** 28 },
    // 1: an element's own value is left out of its sum.
    { name: 'exclusive', type: 'u32', least: 0, most: 1 },
  ],
  uniforms: [
    ...['rows', 'n'].map(field),
    { name: 'parts', type: 'u32', value: parts },
    ...['chunk', 'exclusive'].map(field),
    ...bandFields,
  ],
  tensors: [
    { name: 'x', role: 'input', datatype, shape: ['rows', 'n'] },
    { name: 'y', role: 'output', datatype, shape: ['rows', 'n'] },
  ],
  operations: { times: ['rows', 'n'] },
  variants: reduceFamilies('addSubgroup').map((way) => variantOf(sum, way)),
  programs: {
    ...reducePrograms,
    task,
    sumI32,
    sumF32,
    reduce,
    scanAlone,
    scanWorkgroup,
    scanSubgroup,
    offsets,
    scan,
  },
})

/** `scan-i32`: prefix sums of i32 rows, modulo 2^32. */
export const scanI32 = scanKernel('scan-i32', 'INT32', 'sumI32')
/** `scan-f32`: prefix sums of f32 rows, each within the bound of rows/sumBound.ts. */
export const scanF32 = scanKernel('scan-f32', 'FP32', 'sumF32')
