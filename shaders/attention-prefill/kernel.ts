import { bandFields, field } from '../elementwise.ts'
import type { KernelDescriptor } from '../kernel.ts'
import type { Size } from '../size.ts'
import onlineSum from '../softmax/onlineSum.wgsl?raw'
import registerTile from './registerTile.wgsl?raw'
import task from './task.wgsl?raw'
import workgroupTile from './workgroupTile.wgsl?raw'

const heads: Size = { times: ['kvHeads', 'group'] }
const keys: Size = { plus: ['before', 'rows'] }
const seen: Size = { min: [keys, 'window'] }
const quads: Size = { ceilDiv: ['width', 4] }

const pass = {
  step: 'compute',
  entryPoint: 'main',
  reads: ['queries', 'keys', 'values'],
  writes: 'y',
} as const
const needs = { languageFeatures: [], features: [] }

/**
 * `attention-prefill`: causal attention of the rows of a prompt over a cache that ends with them, in tiles with a running
 * softmax; a window of keys, and heads of queries in groups. ONNX's Attention with such a mask.
 */
export const attentionPrefill: KernelDescriptor = {
  v: 1,
  name: 'attention-prefill',
  summary:
    'Causal attention of rows of f32 queries over cached keys and values, heads in groups, in a window.',
  lane: 'float',
  arguments: [
    // Rows of queries, whose own keys and values are the last ones of the cache.
    { name: 'rows', type: 'u32', least: 0, most: 2 ** 20 },
    // Rows of the cache that come before.
    { name: 'before', type: 'u32', least: 0, most: 2 ** 20 },
    { name: 'kvHeads', type: 'u32', least: 1, most: 256 },
    // Heads of queries that share a head of keys and values.
    { name: 'group', type: 'u32', least: 1, most: 256 },
    { name: 'width', type: 'u32', least: 4, most: 256, multipleOf: 4 },
    // As many keys up to a row's own are seen, at most.
    { name: 'window', type: 'u32', least: 1, most: 2 ** 21 },
    // Factor of the products of queries and keys; 1 / sqrt(width) as a rule.
    { name: 'scale', type: 'f32', least: 1e-6, most: 1e3 },
  ],
  uniforms: [
    ...['rows', 'before', 'kvHeads', 'group', 'width', 'window'].map(field),
    { name: 'scale', type: 'f32', value: 'scale' },
    ...bandFields,
  ],
  tensors: [
    { name: 'queries', role: 'input', datatype: 'FP32', shape: ['rows', heads, 'width'] },
    { name: 'keys', role: 'input', datatype: 'FP32', shape: [keys, 'kvHeads', 'width'] },
    { name: 'values', role: 'input', datatype: 'FP32', shape: [keys, 'kvHeads', 'width'] },
    { name: 'y', role: 'output', datatype: 'FP32', shape: ['rows', heads, 'width'] },
  ],
  operations: { times: [4, 'rows', heads, seen, 'width'] },
  variants: [
    {
      name: 'registerTile',
      family: 'registerTile',
      needs,
      tuning: { lanes: { value: 8, values: [4, 8, 16, 32, 64] } },
      scratch: [],
      passes: [
        {
          ...pass,
          programs: ['task', 'onlineSum', 'registerTile'],
          overrides: { lanes: 'lanes' },
          rows: { times: [heads, { ceilDiv: ['rows', 2] }] },
          columns: { ceilDiv: ['width', 64] },
          perWorkgroup: { rows: 'lanes', columns: 1 },
          cellOperations: { times: [8, seen, { plus: ['width', 64] }] },
        },
      ],
    },
    {
      name: 'workgroupTile',
      family: 'workgroupTile',
      needs,
      scratch: [],
      passes: [
        {
          ...pass,
          programs: ['task', 'onlineSum', 'workgroupTile'],
          overrides: { quads, part: { ceilDiv: [quads, { ceilDiv: [quads, 32] }] } },
          rows: { times: [heads, 16, { ceilDiv: ['rows', 16] }] },
          columns: 1,
          perWorkgroup: { rows: 16, columns: 1 },
          cellOperations: { times: [4, seen, 'width'] },
        },
      ],
    },
  ],
  programs: { task, onlineSum, registerTile, workgroupTile },
}
