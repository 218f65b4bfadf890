import { bandFields, elementwisePass, field } from '../elementwise.ts'
import type { KernelDescriptor, KernelPass, KernelVariant, ScratchTensor } from '../kernel.ts'
import { reduceFamilies, reducePrograms } from '../rows/reduceFamilies.ts'
import type { Size } from '../size.ts'
import onlineSubgroup from '../softmax/onlineSubgroup.wgsl?raw'
import onlineSum from '../softmax/onlineSum.wgsl?raw'
import join from './join.wgsl?raw'
import mix from './mix.wgsl?raw'
import scores from './scores.wgsl?raw'
import split from './split.wgsl?raw'
import task from './task.wgsl?raw'
import weights from './weights.wgsl?raw'

const heads: Size = { times: ['kvHeads', 'group'] }
const quads: Size = { ceilDiv: ['width', 4] }
const visible: Size = { min: ['keys', 'window'] }
const splits: Size = { ceilDiv: [visible, 'chunk'] }
const parts: Size = { times: [heads, splits] }

const mixedAndSums: readonly ScratchTensor[] = [
  { name: 'mixed', datatype: 'FP32', shape: [heads, splits, 'width'] },
  { name: 'sums', datatype: 'FP32', shape: [heads, splits, 2] },
]

const joinPass = elementwisePass({
  programs: ['task', 'onlineSum', 'join'],
  reads: ['mixed', 'sums'],
  writes: 'y',
  rows: heads,
  columns: quads,
  cellOperations: { times: [16, splits] },
})

const [alone, ...shared] = reduceFamilies('onlineSubgroup')

/** Four passes without barriers: scores, their powers a split, weighted sums a split, then the splits together. */
const inPasses: KernelVariant = {
  name: alone!.name,
  family: alone!.family,
  needs: alone!.needs,
  tuning: {
    lanes: { value: 16, values: [16, 32, 64] },
    chunk: { value: 64, values: [32, 64, 128, 256] },
  },
  scratch: [{ name: 'scores', datatype: 'FP32', shape: [heads, splits, 'chunk'] }, ...mixedAndSums],
  passes: [
    elementwisePass({
      programs: ['task', 'scores'],
      reads: ['queries', 'keys'],
      writes: 'scores',
      rows: heads,
      columns: { ceilDiv: [visible, 4] },
      cellOperations: { times: [8, 'width'] },
    }),
    {
      step: 'compute',
      programs: ['task', 'onlineSum', 'rowAlone', 'weights'],
      entryPoint: 'main',
      reads: [],
      writes: ['scores', 'sums'],
      overrides: { lanes: 'lanes' },
      rows: parts,
      columns: 1,
      perWorkgroup: { rows: 'lanes', columns: 1 },
      cellOperations: { times: [20, 'chunk'] },
    },
    elementwisePass({
      programs: ['task', 'mix'],
      reads: ['scores', 'values'],
      writes: 'mixed',
      rows: parts,
      columns: quads,
      cellOperations: { times: [8, 'chunk'] },
    }),
    joinPass,
  ],
}

const splitPass: Omit<KernelPass, 'programs'> = {
  step: 'compute',
  entryPoint: 'main',
  reads: ['queries', 'keys', 'values'],
  writes: ['mixed', 'sums'],
  overrides: { lanes: 'lanes', chunk: 'chunk' },
  rows: parts,
  columns: 1,
  perWorkgroup: { rows: 1, columns: 1 },
  cellOperations: { times: ['chunk', { plus: [20, { times: [4, 'width'] }] }] },
}

/** A split of the keys a workgroup, then the splits together. */
const inWorkgroups = shared.map(
  ({ name, family, needs, directives, programs, lanes }): KernelVariant => ({
    name,
    family,
    needs,
    tuning: { lanes, chunk: { value: 128, values: [64, 128, 256, 512] } },
    scratch: mixedAndSums,
    passes: [
      { ...splitPass, programs: [...directives, 'task', 'onlineSum', ...programs, 'split'] },
      joinPass,
    ],
  }),
)

/**
 * `attention-decode`: one row of queries over a cache of keys and values, split over the keys and then joined; heads of
 * queries share those of keys and values in groups. ONNX's Attention for one row.
 */
export const attentionDecode: KernelDescriptor = {
  v: 1,
  name: 'attention-decode',
  summary: 'Attention of one row of f32 queries over the last keys and values of a cache, heads in groups.',
  lane: 'float',
  arguments: [
    { name: 'keys', type: 'u32', least: 1, most: 2 ** 20 },
    { name: 'kvHeads', type: 'u32', least: 1, most: 256 },
    // Heads of queries that share a head of keys and values.
    { name: 'group', type: 'u32', least: 1, most: 256 },
    { name: 'width', type: 'u32', least: 4, most: 512, multipleOf: 4 },
    // As many of the last keys are seen, at most.
    { name: 'window', type: 'u32', least: 1, most: 2 ** 20 },
    // Factor of the products of queries and keys; 1 / sqrt(width) as a rule.
    { name: 'scale', type: 'f32', least: 1e-6, most: 1e3 },
  ],
  uniforms: [
    ...['keys', 'kvHeads', 'group', 'width'].map(field),
    { name: 'visible', type: 'u32', value: visible },
    { name: 'splits', type: 'u32', value: splits },
    field('chunk'),
    { name: 'scale', type: 'f32', value: 'scale' },
    ...bandFields,
  ],
  tensors: [
    { name: 'queries', role: 'input', datatype: 'FP32', shape: [heads, 'width'] },
    { name: 'keys', role: 'input', datatype: 'FP32', shape: ['keys', 'kvHeads', 'width'] },
    { name: 'values', role: 'input', datatype: 'FP32', shape: ['keys', 'kvHeads', 'width'] },
    { name: 'y', role: 'output', datatype: 'FP32', shape: [heads, 'width'] },
  ],
  operations: { times: [4, heads, visible, 'width'] },
  variants: [inPasses, ...inWorkgroups],
  programs: { ...reducePrograms, task, onlineSum, onlineSubgroup, scores, weights, mix, split, join },
}
