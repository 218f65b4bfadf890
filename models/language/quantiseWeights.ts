import { blockFormats, packedBytes } from '../../protocol/weights/blockFormats.ts'
import { expandBlocks } from '../../protocol/weights/expandBlocks.ts'
import { type PackFormat, packBlocks } from '../../protocol/weights/packBlocks.ts'
import type { WeightRole } from './families/familyRow.ts'
import type { ModelWeights, Weight } from './modelWeights.ts'

/** Most elements that are expanded at a time: 64 MiB of f32. */
const CHUNK_ELEMENTS = 16 * 1024 * 1024

/**
 * The same model with its matrices in 8-bit blocks (q8_0), or in 4-bit ones (q4_1) with embedding and head in 8 bits,
 * where most of the loss would be. Matrices that take no more bytes already, or whose rows are no whole number of
 * blocks of 32, and norms and biases stay as they are.
 */
export function quantiseWeights(model: ModelWeights, bits: 4 | 8): ModelWeights {
  return {
    architecture: model.architecture,
    weight: (role, layer) => quantised(model.weight(role, layer), formatFor(role, bits)),
  }
}

const formatFor = (role: WeightRole, bits: 4 | 8): PackFormat =>
  bits === 8 || role === 'embedding' || role === 'head' ? 'q8_0' : 'q4_1'

function quantised(weight: Weight, format: PackFormat): Weight {
  const rowElements = weight.shape.at(-1)!
  if (weight.shape.length !== 2 || rowElements % blockFormats[format].blockElements !== 0) return weight
  if (packedBytes(weight.format, rowElements) <= packedBytes(format, rowElements)) return weight
  return { ...weight, format, read: async () => repack(weight, await weight.read(), format) }
}

/** Row by row in chunks, so that the whole matrix is never there as f32. */
function repack({ format: from, shape }: Weight, packed: Uint8Array, to: PackFormat): Uint8Array {
  const [rows, rowElements] = shape as readonly [number, number]
  const [fromBytes, toBytes] = [packedBytes(from, rowElements), packedBytes(to, rowElements)]
  const out = new Uint8Array(rows * toBytes)
  const chunk = Math.max(1, Math.floor(CHUNK_ELEMENTS / rowElements))
  for (let row = 0; row < rows; row += chunk) {
    const end = Math.min(rows, row + chunk)
    const floats = expandBlocks(from, packed.subarray(row * fromBytes, end * fromBytes))
    out.set(packBlocks(to, floats), row * toBytes)
  }
  return out
}
