import { refuseWeights } from '../../../protocol/weights/refuseWeights.ts'
import type { FamilyRow } from './familyRow.ts'
import { type FieldReader, fieldReader } from './fieldReader.ts'
import type { RopeScaling } from './rotaryFrequencies.ts'
import type { Settings } from './settings.ts'

/**
 * The settings in a GGUF's metadata. Source of the keys: docs/gguf.md of ggml; of what stands in no key: llama-model.cpp.
 * @param factors `rope_freqs.weight`, f32[headSize / 2], where the file has it
 * @throws OpentabError `model_refused` naming the key and its value
 */
export function ggufSettings(
  metadata: ReadonlyMap<string, unknown>,
  row: FamilyRow,
  factors: Float32Array | null,
): Settings {
  const field = fieldReader((key) => metadata.get(`${row.ggufArchitecture}.${key}`), 'The GGUF metadata')
  const layers = field.size('block_count')
  const width = field.size('embedding_length')
  const heads = field.size('attention.head_count')
  const headSize = field.has('attention.key_length') ? field.size('attention.key_length') : width / heads
  if (!Number.isInteger(headSize)) {
    throw refuseWeights(`The GGUF metadata have a width of ${width}, no multiple of its ${heads} heads.`)
  }
  for (const key of ['attention.value_length', 'rope.dimension_count']) {
    if (field.has(key) && field.size(key) !== headSize) field.refuse(key, `the head size, ${headSize}`)
  }
  if (field.has('expert_count') && field.raw('expert_count') !== 0)
    field.refuse('expert_count', '0 or absent')
  for (const key of ['attn_logit_softcapping', 'final_logit_softcapping']) {
    if (field.has(key)) field.refuse(key, 'absent')
  }
  const windows = windowsOf(field, row, layers)
  return {
    layers,
    width,
    heads,
    kvHeads: field.has('attention.head_count_kv') ? field.size('attention.head_count_kv') : heads,
    headSize,
    feedForward: field.size('feed_forward_length'),
    vocabulary: null,
    contextTokens: field.size('context_length'),
    epsilon: field.positive('attention.layer_norm_rms_epsilon'),
    attentionScale: attentionScaleOf(row, { layers, width, heads, headSize }),
    tiedHead: null,
    rope: {
      base: field.has('rope.freq_base') ? field.positive('rope.freq_base') : 10_000,
      scaling: scalingOf(field, headSize, factors),
    },
    windowRope: windows.some((window) => window !== null) ? windowRopeOf(field, row) : null,
    windows,
  }
}

/** Gemma 3 27B scales by its width per head, which is not its head size, and GGUF has no key for it. */
const attentionScaleOf = (
  { family }: FamilyRow,
  { layers, width, heads, headSize }: { layers: number; width: number; heads: number; headSize: number },
): number => (family === 'gemma3' && layers === 62 ? width / heads : headSize) ** -0.5

function windowsOf(field: FieldReader, row: FamilyRow, layers: number): (number | null)[] {
  if (!field.has('attention.sliding_window') || row.fullEvery < 2)
    return Array.from({ length: layers }, () => null)
  const window = field.size('attention.sliding_window')
  return Array.from({ length: layers }, (_, layer) => ((layer + 1) % row.fullEvery === 0 ? null : window))
}

/** Layers with a window turn by their own base, unscaled. llama.cpp reads the first key since 2025 and else takes 10,000. */
function windowRopeOf(field: FieldReader, row: FamilyRow): Settings['windowRope'] {
  const base = row.defaults.rope_local_base_freq
  if (typeof base !== 'number') return null
  return {
    base: field.has('rope.freq_base_swa') ? field.positive('rope.freq_base_swa') : base,
    scaling: { kind: 'none' },
  }
}

function scalingOf(field: FieldReader, headSize: number, factors: Float32Array | null): RopeScaling {
  if (factors) {
    if (
      factors.length !== headSize / 2 ||
      !factors.every((factor) => Number.isFinite(factor) && factor > 0)
    ) {
      throw refuseWeights(
        `Tensor "rope_freqs.weight" has ${factors.length} elements; ${headSize / 2} numbers above 0 are needed.`,
      )
    }
    return { kind: 'factors', factors: [...factors] }
  }
  const kind = field.has('rope.scaling.type') ? field.text('rope.scaling.type') : 'none'
  if (kind === 'none') return { kind: 'none' }
  if (kind === 'linear') return { kind: 'linear', factor: field.positive('rope.scaling.factor') }
  throw refuseWeights(
    `The GGUF metadata ask for rope scaling of the kind ${JSON.stringify(kind)}; "linear" is known, and "rope_freqs.weight".`,
  )
}
