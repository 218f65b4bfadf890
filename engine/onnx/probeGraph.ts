import type { ServedModel } from '../../protocol/manifest.ts'
import type { InferTask } from '../../protocol/task.ts'
import { tensorOf } from '../../protocol/tensor.ts'

/**
 * An ONNX file of some hundred bytes: x f32[tokens,384] through four layers of MatMul, Softmax, MatMul, Add, the 384 x 384
 * weights being constants that the graph makes itself. 2.4 million operations a token. The test beside this file says how
 * it is made and fails when the two differ.
 */
const file =
  'CAg6vgUKUAoLd2VpZ2h0U2hhcGUSBndlaWdodBoQQ29uc3RhbnRPZlNoYXBlMCIPQ29uc3RhbnRPZlNoYXBlKhYKBXZhbHVlKgoIARAB' +
  'IgQK1yM8oAEECiAKAXgKBndlaWdodBICYTAaB01hdE11bDEiBk1hdE11bAobCgJhMBICYjAaCFNvZnRtYXgyIgdTb2Z0bWF4CiEKAmIw' +
  'CgZ3ZWlnaHQSAmMwGgdNYXRNdWwzIgZNYXRNdWwKFgoBeAoCYzASAmQwGgRBZGQ0IgNBZGQKIQoCZDAKBndlaWdodBICYTEaB01hdE11' +
  'bDUiBk1hdE11bAobCgJhMRICYjEaCFNvZnRtYXg2IgdTb2Z0bWF4CiEKAmIxCgZ3ZWlnaHQSAmMxGgdNYXRNdWw3IgZNYXRNdWwKFwoC' +
  'ZDAKAmMxEgJkMRoEQWRkOCIDQWRkCiEKAmQxCgZ3ZWlnaHQSAmEyGgdNYXRNdWw5IgZNYXRNdWwKHAoCYTISAmIyGglTb2Z0bWF4MTAi' +
  'B1NvZnRtYXgKIgoCYjIKBndlaWdodBICYzIaCE1hdE11bDExIgZNYXRNdWwKGAoCZDEKAmMyEgJkMhoFQWRkMTIiA0FkZAoiCgJkMgoG' +
  'd2VpZ2h0EgJhMxoITWF0TXVsMTMiBk1hdE11bAocCgJhMxICYjMaCVNvZnRtYXgxNCIHU29mdG1heAoiCgJiMwoGd2VpZ2h0EgJjMxoI' +
  'TWF0TXVsMTUiBk1hdE11bAoYCgJkMgoCYzMSAmQzGgVBZGQxNiIDQWRkCh0KAmQzEgF5GgpJZGVudGl0eTE3IghJZGVudGl0eRIFZ3Jh' +
  'cGgqFwgCEAc6BIADgANCC3dlaWdodFNoYXBlWhoKAXgSFQoTCAESDwoIEgZ0b2tlbnMKAwiAA2IaCgF5EhUKEwgBEg8KCBIGdG9rZW5z' +
  'CgMIgANCBAoAEBE='

/** Tokens of a short run, 151 million operations: about a layer of a sentence embedding. */
export const SHORT_PROBE_TOKENS = 64
/** Tokens of a long run, 1.2 billion operations: about a line of recognised text. */
export const LONG_PROBE_TOKENS = 512
const WIDTH = 384
const hash = '0'.repeat(64)
const x = { name: 'x', datatype: 'FP32', shape: ['tokens', WIDTH] } as const
const y = { name: 'y', datatype: 'FP32', shape: ['tokens', WIDTH] } as const

/** The probe as a model that a runner can load. */
export function probeModel(): { model: ServedModel; readShard: () => Promise<Uint8Array<ArrayBuffer>> } {
  const bytes = Uint8Array.from(atob(file), (character) => character.charCodeAt(0))
  return {
    model: {
      hash,
      manifest: {
        v: 1,
        id: 'probe',
        kind: 'onnx',
        graphs: [
          {
            name: 'main',
            shards: [{ sha256: hash, bytes: bytes.byteLength }],
            inputs: [x],
            outputs: [y],
            tolerance: { rtol: 1e-3, atol: 1e-4 },
          },
        ],
        files: {},
        licence: 'Apache-2.0',
        source: 'built in',
      },
    },
    readShard: async () => bytes,
  }
}

/** One run of the probe. */
export const probeTask = (tokens = SHORT_PROBE_TOKENS): InferTask => ({
  kind: 'infer',
  model: hash,
  graph: 0,
  inputs: [tensorOf('x', 'FP32', [tokens, WIDTH], new Float32Array(tokens * WIDTH).fill(0.5))],
})
