import { seededFloat32 } from '../../../protocol/seededInputs.ts'
import type { WeightFormat } from '../../../protocol/weights/blockFormats.ts'
import { expandBlocks } from '../../../protocol/weights/expandBlocks.ts'
import { type PackFormat, packBlocks } from '../../../protocol/weights/packBlocks.ts'
import { TINY_VOCABULARY } from './tinyTokenizer.ts'

/** The tiny models that there are: one or more of each family. */
export const tinyKinds = ['llama', 'llama3', 'mistral', 'qwen2', 'qwen3', 'gemma3'] as const
export type TinyKind = (typeof tinyKinds)[number]

type Json = Readonly<Record<string, unknown>>

/** A model of random weights as transformers would have saved it. */
export interface TinyModel {
  kind: TinyKind
  /** config.json. */
  config: Json & ReturnType<typeof configOf>
  /** By Hugging Face's names: f32[shape], rounded to what `format` can hold. */
  tensors: ReadonlyMap<string, { shape: readonly number[]; values: Float32Array }>
  /** Format of the matrices; vectors are f32. */
  format: PackFormat
}

const WIDTH = 64

/** What differs; sizes are chosen so that rows are whole blocks of 32. */
const differences: Record<TinyKind, Json> = {
  llama: { model_type: 'llama', num_hidden_layers: 3, tie_word_embeddings: true },
  llama3: {
    model_type: 'llama',
    num_hidden_layers: 3,
    tie_word_embeddings: false,
    rope_scaling: {
      rope_type: 'llama3',
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 64,
    },
  },
  mistral: { model_type: 'mistral', num_hidden_layers: 3, tie_word_embeddings: false, sliding_window: 5 },
  qwen2: { model_type: 'qwen2', num_hidden_layers: 3, tie_word_embeddings: true, use_sliding_window: false },
  qwen3: { model_type: 'qwen3', num_hidden_layers: 4, tie_word_embeddings: false, head_dim: 32 },
  gemma3: {
    model_type: 'gemma3_text',
    // Layers 0 to 4 and 6 have the window, layer 5 sees all.
    num_hidden_layers: 7,
    num_key_value_heads: 1,
    head_dim: 32,
    tie_word_embeddings: true,
    hidden_activation: 'gelu_pytorch_tanh',
    query_pre_attn_scalar: 32,
    rope_theta: 1_000_000,
    rope_local_base_freq: 10_000,
    rope_scaling: { rope_type: 'linear', factor: 8 },
    sliding_window: 6,
    sliding_window_pattern: 6,
  },
}

function configOf(kind: TinyKind) {
  const config = {
    model_type: '',
    hidden_size: WIDTH,
    num_hidden_layers: 3,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    head_dim: WIDTH / 4,
    intermediate_size: 96,
    vocab_size: TINY_VOCABULARY,
    max_position_embeddings: 256,
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    tie_word_embeddings: false,
  }
  return { ...config, ...differences[kind] } as typeof config & Json
}

/**
 * A model of 3 to 7 layers with seeded random weights: the same on every machine. Norms vary, so that a norm that is
 * left out shows; the head's logits spread over some units, so that a greedy token seldom hangs on rounding.
 * @param options `format`: what matrices are rounded to, as if they had come out of a file of that format; `config`:
 * fields that are to be different
 */
export function tinyModel(
  kind: TinyKind,
  { seed = 4, format = 'f32' as PackFormat, config: own = {} as Json } = {},
): TinyModel {
  const config = { ...configOf(kind), ...own }
  const tensors = new Map<string, { shape: readonly number[]; values: Float32Array }>()
  const put = (name: string, shape: readonly number[], scale: number, offset = 0): void => {
    const count = shape.reduce((product, size) => product * size, 1)
    const values = seededFloat32(seed, tensors.size, count).map((value) => value * scale + offset)
    tensors.set(name, { shape, values: shape.length === 2 ? rounded(values, format) : values })
  }
  const matrix = (name: string, rows: number, columns: number): void =>
    put(`${name}.weight`, [rows, columns], Math.sqrt(3 / columns))
  const isGemma = kind === 'gemma3'
  const norm = (name: string, size = WIDTH): void => put(`${name}.weight`, [size], 0.3, isGemma ? 0 : 1)
  const queries = config.num_attention_heads * config.head_dim
  const keys = config.num_key_value_heads * config.head_dim

  // With a tied head a large embedding would only say the last token again: it is small, and the last norm large.
  const isTied = config.tie_word_embeddings
  put('model.embed_tokens.weight', [TINY_VOCABULARY, WIDTH], isGemma ? 0.02 : isTied ? 0.15 : 0.8)
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const at = `model.layers.${layer}`
    norm(`${at}.input_layernorm`)
    for (const [part, rows] of [
      ['q', queries],
      ['k', keys],
      ['v', keys],
    ] as const) {
      matrix(`${at}.self_attn.${part}_proj`, rows, WIDTH)
      if (kind === 'qwen2') put(`${at}.self_attn.${part}_proj.bias`, [rows], part === 'v' ? 0.1 : 0.5)
    }
    if (kind === 'qwen3' || isGemma) {
      norm(`${at}.self_attn.q_norm`, config.head_dim)
      norm(`${at}.self_attn.k_norm`, config.head_dim)
    }
    matrix(`${at}.self_attn.o_proj`, WIDTH, queries)
    norm(`${at}.post_attention_layernorm`)
    if (isGemma) {
      norm(`${at}.pre_feedforward_layernorm`)
      norm(`${at}.post_feedforward_layernorm`)
    }
    matrix(`${at}.mlp.gate_proj`, config.intermediate_size, WIDTH)
    matrix(`${at}.mlp.up_proj`, config.intermediate_size, WIDTH)
    matrix(`${at}.mlp.down_proj`, WIDTH, config.intermediate_size)
  }
  put('model.norm.weight', [WIDTH], 0.3, isGemma ? 40 : isTied ? 6 : 1)
  if (!config.tie_word_embeddings) put('lm_head.weight', [TINY_VOCABULARY, WIDTH], 0.8)
  return { kind, config, tensors, format }
}

const rounded = (values: Float32Array, format: PackFormat): Float32Array =>
  format === 'f32' ? values : expandBlocks(format satisfies WeightFormat, packBlocks(format, values))
