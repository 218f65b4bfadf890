import { bandFields, field } from '../elementwise.ts'
import type { KernelDescriptor, KernelPass, KernelVariant } from '../kernel.ts'
import type { Size } from '../size.ts'
import digests from './digests.wgsl?raw'
import leavesProgram from './leaves.wgsl?raw'
import nodesAlone from './nodesAlone.wgsl?raw'
import nodesWorkgroup from './nodesWorkgroup.wgsl?raw'
import task from './task.wgsl?raw'

/** Leaves of 64 words; one at least. */
const leaves: Size = { max: [1, { ceilDiv: ['n', 64] }] }

/** Most words that a buffer may have: 2^24 leaves, 4 GiB. */
const MOST_WORDS = 2 ** 30

const pass = (rest: Omit<KernelPass, 'step' | 'entryPoint' | 'columns'>): KernelPass => ({
  step: 'compute',
  entryPoint: 'main',
  columns: 1,
  ...rest,
})

/** The leaves, then levels that each make `fanIn` digests one, until one is left of 2^24. */
function variantOf(
  name: string,
  family: KernelVariant['family'],
  nodes: { program: string; fanIn: number; perWorkgroup: Size; overrides: KernelPass['overrides'] },
): KernelVariant {
  const levels = Math.ceil(24 / Math.log2(nodes.fanIn))
  const countOf = (level: number): Size => ({ ceilDiv: [leaves, nodes.fanIn ** level] })
  const bufferOf = (level: number) => (level === levels ? 'digest' : `level${level}`)
  return {
    name,
    family,
    needs: { languageFeatures: [], features: [] },
    tuning: { lanes: { value: 64, values: [32, 64, 128] } },
    scratch: Array.from({ length: levels }, (_, level) => ({
      name: bufferOf(level),
      datatype: 'UINT32',
      shape: [countOf(level), 4],
    })),
    passes: [
      pass({
        programs: ['task', 'digests', 'leavesProgram'],
        reads: ['words'],
        writes: bufferOf(0),
        overrides: { lanes: 'lanes' },
        constants: { digests: leaves, last: 0 },
        rows: leaves,
        perWorkgroup: { rows: 'lanes', columns: 1 },
        cellOperations: 600,
      }),
      ...Array.from({ length: levels }, (_, level) =>
        pass({
          programs: ['task', 'digests', nodes.program],
          reads: [bufferOf(level)],
          writes: bufferOf(level + 1),
          overrides: nodes.overrides,
          constants: { digests: countOf(level), last: level === levels - 1 ? 1 : 0 },
          rows: countOf(level + 1),
          perWorkgroup: { rows: nodes.perWorkgroup, columns: 1 },
          cellOperations: 60 * nodes.fanIn,
        }),
      ),
    ],
  }
}

/** `hash-u32`: a digest u32[4] of a buffer u32[n], a tree of integer mixing; digests.wgsl defines it. */
export const hashU32: KernelDescriptor = {
  v: 1,
  name: 'hash-u32',
  summary: 'A digest of 128 bits of 32-bit words by a tree of integer mixing; finds faults, not forgers.',
  lane: 'exact',
  arguments: [{ name: 'n', type: 'u32', least: 0, most: MOST_WORDS }],
  uniforms: [...['n', 'digests', 'last'].map(field), ...bandFields],
  tensors: [
    { name: 'words', role: 'input', datatype: 'UINT32', shape: ['n'] },
    { name: 'digest', role: 'output', datatype: 'UINT32', shape: [4] },
  ],
  operations: { times: [8, 'n'] },
  variants: [
    variantOf('alone', 'registerTile', {
      program: 'nodesAlone',
      fanIn: 16,
      perWorkgroup: 'lanes',
      overrides: { lanes: 'lanes' },
    }),
    variantOf('workgroup', 'workgroupTile', {
      program: 'nodesWorkgroup',
      fanIn: 256,
      perWorkgroup: 1,
      overrides: {},
    }),
  ],
  programs: { task, digests, leavesProgram, nodesAlone, nodesWorkgroup },
}
