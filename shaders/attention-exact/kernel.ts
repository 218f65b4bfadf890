import { bandFields, field } from '../elementwise.ts'
import type { KernelDescriptor, KernelPass } from '../kernel.ts'
import { type RowFamily, rowFamilies, rowPrograms } from '../rows/rowFamilies.ts'
import type { Size } from '../size.ts'
import mix from './mix.wgsl?raw'
import scores from './scores.wgsl?raw'
import task from './task.wgsl?raw'
import weights from './weights.wgsl?raw'

const heads: Size = { times: ['kvHeads', 'group'] }
const keys: Size = { plus: ['before', 'rows'] }
const queries: Size = { times: ['rows', heads] }

/** Scores, then weights, then sums of values; only the weights of a query need invocations to meet. */
const passesOf = ({ name, directives, rowsPerWorkgroup }: RowFamily): readonly KernelPass[] => [
  {
    step: 'compute',
    programs: ['task', 'scores'],
    entryPoint: 'main',
    reads: ['queries', 'keys'],
    writes: 'scores',
    overrides: { lanes: 64 },
    rows: queries,
    columns: keys,
    perWorkgroup: { rows: 1, columns: 64 },
    cellOperations: { times: [2, 'width'] },
  },
  {
    step: 'compute',
    programs: [...directives, 'task', name, 'weights'],
    entryPoint: 'main',
    reads: ['exp2'],
    writes: ['scores', 'y'],
    overrides: { lanes: 'lanes' },
    rows: queries,
    columns: 1,
    perWorkgroup: { rows: rowsPerWorkgroup, columns: 1 },
    cellOperations: { times: [30, keys] },
  },
  {
    step: 'compute',
    programs: ['task', 'mix'],
    entryPoint: 'main',
    reads: ['scores', 'values'],
    writes: 'y',
    overrides: { lanes: 32, splits: 'splits' },
    rows: queries,
    columns: { times: [{ ceilDiv: ['width', 4] }, 'splits'] },
    perWorkgroup: { rows: 1, columns: 32 },
    cellOperations: { times: [8, { ceilDiv: [keys, 'splits'] }] },
  },
]

/** `attention-exact`: causal attention over a cache in i32; rule S9 of the exact lane. */
export const attentionExact: KernelDescriptor = {
  v: 1,
  name: 'attention-exact',
  summary:
    'Causal attention of integer queries over cached keys and values, with a softmax to the base of two.',
  lane: 'exact',
  arguments: [
    // Rows of queries, whose own keys and values are the last ones of the cache.
    { name: 'rows', type: 'u32', least: 0, most: 4096 },
    // Rows of the cache that come before; the sums of the rule hold 8192 keys.
    { name: 'before', type: 'u32', least: 0, most: 4096 },
    { name: 'kvHeads', type: 'u32', least: 1, most: 256 },
    // Heads of queries that share a head of keys and values.
    { name: 'group', type: 'u32', least: 1, most: 256 },
    // 64 products of 5792^2 stay below 2^31.
    { name: 'width', type: 'u32', least: 4, most: 64, multipleOf: 4 },
  ],
  uniforms: [...['rows', 'before', 'kvHeads', 'group', 'width'].map(field), ...bandFields],
  tensors: [
    { name: 'queries', role: 'input', datatype: 'INT32', shape: ['rows', heads, 'width'] },
    { name: 'keys', role: 'input', datatype: 'INT32', shape: [keys, 'kvHeads', 'width'] },
    { name: 'values', role: 'input', datatype: 'INT32', shape: [keys, 'kvHeads', 'width'] },
    { name: 'exp2', role: 'input', datatype: 'UINT32', shape: [257] },
    { name: 'y', role: 'output', datatype: 'INT32', shape: ['rows', heads, 'width'] },
  ],
  operations: { times: [4, queries, keys, 'width'] },
  variants: rowFamilies.map((way) => ({
    name: way.name,
    family: way.family,
    needs: { languageFeatures: [], features: way.features },
    tuning: {
      lanes: way.lanes,
      splits: { value: way.family === 'registerTile' ? 1 : 16, values: [1, 2, 4, 8, 16, 32] },
    },
    scratch: [{ name: 'scores', datatype: 'UINT32', shape: [queries, keys] }],
    passes: passesOf(way),
  })),
  programs: { ...rowPrograms, task, scores, weights, mix },
}
