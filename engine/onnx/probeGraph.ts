import type { ServedModel } from '../../protocol/manifest.ts'
import type { InferTask } from '../../protocol/task.ts'
import { tensorOf } from '../../protocol/tensor.ts'

/**
 * An ONNX file of some hundred bytes: x f32[64,384] through four layers of MatMul, Softmax, MatMul, Add, the 384 x 384
 * weights being constants that the graph makes itself. 151 million operations, about a layer of a sentence embedding.
 * The test beside this file says how it is made and fails when the two differ.
 */
const file =
  'CAg6sgUKUAoLd2VpZ2h0U2hhcGUSBndlaWdodBoQQ29uc3RhbnRPZlNoYXBlMCIPQ29uc3RhbnRPZlNoYXBlKhYKBXZhbHVlKgoI' +
  'ARABIgQK1yM8oAEECiAKAXgKBndlaWdodBICYTAaB01hdE11bDEiBk1hdE11bAobCgJhMBICYjAaCFNvZnRtYXgyIgdTb2Z0bWF4' +
  'CiEKAmIwCgZ3ZWlnaHQSAmMwGgdNYXRNdWwzIgZNYXRNdWwKFgoBeAoCYzASAmQwGgRBZGQ0IgNBZGQKIQoCZDAKBndlaWdodBIC' +
  'YTEaB01hdE11bDUiBk1hdE11bAobCgJhMRICYjEaCFNvZnRtYXg2IgdTb2Z0bWF4CiEKAmIxCgZ3ZWlnaHQSAmMxGgdNYXRNdWw3' +
  'IgZNYXRNdWwKFwoCZDAKAmMxEgJkMRoEQWRkOCIDQWRkCiEKAmQxCgZ3ZWlnaHQSAmEyGgdNYXRNdWw5IgZNYXRNdWwKHAoCYTIS' +
  'AmIyGglTb2Z0bWF4MTAiB1NvZnRtYXgKIgoCYjIKBndlaWdodBICYzIaCE1hdE11bDExIgZNYXRNdWwKGAoCZDEKAmMyEgJkMhoF' +
  'QWRkMTIiA0FkZAoiCgJkMgoGd2VpZ2h0EgJhMxoITWF0TXVsMTMiBk1hdE11bAocCgJhMxICYjMaCVNvZnRtYXgxNCIHU29mdG1h' +
  'eAoiCgJiMwoGd2VpZ2h0EgJjMxoITWF0TXVsMTUiBk1hdE11bAoYCgJkMgoCYzMSAmQzGgVBZGQxNiIDQWRkCh0KAmQzEgF5GgpJ' +
  'ZGVudGl0eTE3IghJZGVudGl0eRIFZ3JhcGgqFwgCEAc6BIADgANCC3dlaWdodFNoYXBlWhQKAXgSDwoNCAESCQoCCEAKAwiAA2IU' +
  'CgF5Eg8KDQgBEgkKAghACgMIgANCBAoAEBE='

const TOKENS = 64
const WIDTH = 384
const hash = '0'.repeat(64)
const x = { name: 'x', datatype: 'FP32', shape: [TOKENS, WIDTH] } as const
const y = { name: 'y', datatype: 'FP32', shape: [TOKENS, WIDTH] } as const

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
export const probeTask = (): InferTask => ({
  kind: 'infer',
  model: hash,
  graph: 0,
  inputs: [tensorOf('x', 'FP32', [TOKENS, WIDTH], new Float32Array(TOKENS * WIDTH).fill(0.5))],
})
