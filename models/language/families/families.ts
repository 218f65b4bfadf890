import type { FamilyRow } from './familyRow.ts'

/** What every configuration class of these families has where config.json is silent. */
const shared = { rms_norm_eps: 1e-6, rope_theta: 10_000, tie_word_embeddings: false }

const plain = {
  activation: 'silu',
  qkvBias: false,
  qkNorm: false,
  postNorms: false,
  scaledEmbedding: false,
  normOffset: 0,
  interleavedInGguf: false,
  fullEvery: 1,
  prefixes: [''],
  ignoredPrefixes: [],
} as const

/** The architectures that can be imported; protocol/language.ts names them. */
export const families: readonly FamilyRow[] = [
  {
    ...plain,
    family: 'llama',
    modelTypes: ['llama'],
    ggufArchitecture: 'llama',
    interleavedInGguf: true,
    defaults: { ...shared, max_position_embeddings: 2048 },
  },
  {
    // Llama with a window on every layer, where config.json gives one. A GGUF of it says `llama` and has none.
    ...plain,
    family: 'llama',
    modelTypes: ['mistral'],
    ggufArchitecture: 'llama',
    interleavedInGguf: true,
    fullEvery: 0,
    defaults: { ...shared, max_position_embeddings: 131_072, num_key_value_heads: 8, sliding_window: 4096 },
  },
  {
    ...plain,
    family: 'qwen2',
    modelTypes: ['qwen2'],
    ggufArchitecture: 'qwen2',
    qkvBias: true,
    defaults: { ...shared, max_position_embeddings: 32_768 },
  },
  {
    ...plain,
    family: 'qwen3',
    modelTypes: ['qwen3'],
    ggufArchitecture: 'qwen3',
    qkNorm: true,
    defaults: { ...shared, max_position_embeddings: 32_768, head_dim: 128 },
  },
  {
    ...plain,
    family: 'gemma3',
    modelTypes: ['gemma3_text', 'gemma3'],
    ggufArchitecture: 'gemma3',
    activation: 'gelu',
    qkNorm: true,
    postNorms: true,
    scaledEmbedding: true,
    normOffset: 1,
    fullEvery: 6,
    huggingFaceNames: {
      postAttentionNorm: 'model.layers.N.post_attention_layernorm.weight',
      feedForwardNorm: 'model.layers.N.pre_feedforward_layernorm.weight',
      postFeedForwardNorm: 'model.layers.N.post_feedforward_layernorm.weight',
    },
    // The models that also see pictures keep their text part under a prefix.
    prefixes: ['', 'language_model.'],
    ignoredPrefixes: ['vision_tower.', 'multi_modal_projector.'],
    defaults: {
      rms_norm_eps: 1e-6,
      rope_theta: 1_000_000,
      rope_local_base_freq: 10_000,
      tie_word_embeddings: true,
      max_position_embeddings: 131_072,
      num_attention_heads: 8,
      num_key_value_heads: 4,
      head_dim: 256,
      vocab_size: 262_208,
      query_pre_attn_scalar: 256,
      sliding_window: 4096,
    },
  },
]
