import { describe, expect, it } from 'vitest'
import { openModelWeights } from '../modelWeights.ts'
import { tinyModel } from '../tiny/tinyModel.ts'
import type { WeightSource } from '../weightSource.ts'
import { families } from './families.ts'
import { ggufSettings } from './ggufSettings.ts'
import { huggingFaceSettings } from './huggingFaceSettings.ts'
import { rotaryFrequencies } from './rotaryFrequencies.ts'

const rowOf = (type: string) => families.find(({ modelTypes }) => modelTypes.includes(type))!
const settingsOf = (config: Record<string, unknown>) =>
  huggingFaceSettings(config, rowOf(String(config.model_type)))

/** Configurations as they were published, without the fields that nobody reads. */
const published = {
  'SmolLM2-135M-Instruct': {
    model_type: 'llama', attention_bias: false, hidden_act: 'silu', hidden_size: 576, intermediate_size: 1536,
    max_position_embeddings: 8192, mlp_bias: false, num_attention_heads: 9, num_hidden_layers: 30,
    num_key_value_heads: 3, pretraining_tp: 1, rms_norm_eps: 1e-5, rope_interleaved: false, rope_scaling: null,
    rope_theta: 100000, tie_word_embeddings: true, vocab_size: 49152,
  },
  'Mistral-7B-v0.1': {
    model_type: 'mistral', hidden_act: 'silu', hidden_size: 4096, intermediate_size: 14336,
    max_position_embeddings: 32768, num_attention_heads: 32, num_hidden_layers: 32, num_key_value_heads: 8,
    rms_norm_eps: 1e-5, rope_theta: 10000, sliding_window: 4096, tie_word_embeddings: false, vocab_size: 32000,
  },
  'Mistral-7B-Instruct-v0.3': {
    model_type: 'mistral', head_dim: 128, hidden_act: 'silu', hidden_size: 4096, intermediate_size: 14336,
    max_position_embeddings: 32768, num_attention_heads: 32, num_hidden_layers: 32, num_key_value_heads: 8,
    rms_norm_eps: 1e-5, rope_theta: 1000000, sliding_window: null, tie_word_embeddings: false, vocab_size: 32768,
  },
  'Llama-3.2-1B': {
    model_type: 'llama', attention_bias: false, head_dim: 64, hidden_act: 'silu', hidden_size: 2048,
    intermediate_size: 8192, max_position_embeddings: 131072, mlp_bias: false, num_attention_heads: 32,
    num_hidden_layers: 16, num_key_value_heads: 8, rms_norm_eps: 1e-5,
    rope_scaling: {
      factor: 32, high_freq_factor: 4, low_freq_factor: 1, original_max_position_embeddings: 8192, rope_type: 'llama3',
    },
    rope_theta: 500000, tie_word_embeddings: true, vocab_size: 128256,
  },
  'Qwen2.5-0.5B-Instruct': {
    model_type: 'qwen2', hidden_act: 'silu', hidden_size: 896, intermediate_size: 4864, max_position_embeddings: 32768,
    max_window_layers: 21, num_attention_heads: 14, num_hidden_layers: 24, num_key_value_heads: 2, rms_norm_eps: 1e-6,
    rope_theta: 1000000, sliding_window: 32768, tie_word_embeddings: true, use_sliding_window: false,
    vocab_size: 151936,
  },
  'Qwen3-0.6B': {
    model_type: 'qwen3', attention_bias: false, head_dim: 128, hidden_act: 'silu', hidden_size: 1024,
    intermediate_size: 3072, max_position_embeddings: 40960, max_window_layers: 28, num_attention_heads: 16,
    num_hidden_layers: 28, num_key_value_heads: 8, rms_norm_eps: 1e-6, rope_scaling: null, rope_theta: 1000000,
    sliding_window: null, tie_word_embeddings: true, use_sliding_window: false, vocab_size: 151936,
  },
  'gemma-3-1b-it': {
    model_type: 'gemma3_text', attention_bias: false, attn_logit_softcapping: null, final_logit_softcapping: null,
    head_dim: 256, hidden_activation: 'gelu_pytorch_tanh', hidden_size: 1152, intermediate_size: 6912,
    max_position_embeddings: 32768, num_attention_heads: 4, num_hidden_layers: 26, num_key_value_heads: 1,
    query_pre_attn_scalar: 256, rms_norm_eps: 1e-6, rope_local_base_freq: 10000, rope_scaling: null,
    rope_theta: 1000000, sliding_window: 512, sliding_window_pattern: 6, vocab_size: 262144,
  },
  'gemma-3-4b-it': {
    model_type: 'gemma3',
    text_config: {
      hidden_size: 2560, intermediate_size: 10240, model_type: 'gemma3_text', num_hidden_layers: 34,
      rope_scaling: { factor: 8, rope_type: 'linear' }, sliding_window: 1024,
    },
    vision_config: { hidden_size: 1152 },
  },
} // biome-ignore format: one line for each field would be three pages

describe('the settings of published models', () => {
  it.each(Object.entries(published))('%s', (_, config) => {
    const { windows, ...settings } = settingsOf(config)
    const runs = windows.map((window) => window ?? 'all').join(' ')
    expect({ ...settings, windows: runs }).toMatchSnapshot()
  })

  it('of transformers 5 are those of transformers 4', () => {
    const { rope_theta, rope_scaling, rope_local_base_freq, sliding_window_pattern, ...rest } =
      published['gemma-3-1b-it']
    const newer = {
      ...rest,
      layer_types: Array.from({ length: 26 }, (_, layer) =>
        (layer + 1) % 6 === 0 ? 'full_attention' : 'sliding_attention',
      ),
      rope_parameters: {
        full_attention: { rope_type: 'default', rope_theta },
        sliding_attention: { rope_type: 'default', rope_theta: rope_local_base_freq },
      },
    }
    expect(rope_scaling).toBeNull()
    expect(sliding_window_pattern).toBe(6)
    expect(settingsOf(newer)).toEqual(settingsOf(published['gemma-3-1b-it']))
  })
})

describe('a configuration is refused', () => {
  const llama = published['SmolLM2-135M-Instruct']
  it.each([
    ['without layers', { num_hidden_layers: undefined }, 'config.json has no "num_hidden_layers"; it must be a whole number'],
    ['with a broken width', { hidden_size: 575 }, 'config.json has a hidden_size of 575, no multiple of its 9 heads.'],
    ['with a text for a number', { vocab_size: 'many' }, '"vocab_size" = "many"'],
    ['with an infinite base', { rope_theta: Number.POSITIVE_INFINITY }, '"rope_theta"'],
    ['with another activation', { hidden_act: 'relu' }, '"hidden_act" = "relu"; it must be silu in llama.'],
    ['with biases that the graph has not', { attention_bias: true }, '"attention_bias" = true; it must be false.'],
    ['with quantised weights of another kind', { quantization_config: { bits: 4 } }, '"quantization_config"'],
    ['with half a rotation', { partial_rotary_factor: 0.5 }, '"partial_rotary_factor" = 0.5; it must be 1.'],
    ['with yarn', { rope_scaling: { rope_type: 'yarn', factor: 4 } }, 'rope scaling of the kind "yarn"; "linear" and "llama3" are known.'],
    ['with a scaling of no factor', { rope_scaling: { type: 'linear' } }, 'rope_scaling in config.json has no "factor"'],
    ['with too few layer types', { layer_types: ['full_attention'] }, 'a list of 30 layers'],
    ['with a capped head', { final_logit_softcapping: 30 }, '"final_logit_softcapping" = 30; it must be absent.'],
  ])('%s', (_, change, message) => {
    expect(() => settingsOf({ ...llama, ...change })).toThrow(message)
  }) // biome-ignore format: a table

  it('with windows of a kind that nobody knows', () => {
    const layer_types = new Array(30).fill('chunked_attention')
    expect(() => settingsOf({ ...llama, layer_types })).toThrow('"full_attention" and "sliding_attention"')
  })
})

describe('GGUF metadata', () => {
  const row = families.find(({ ggufArchitecture }) => ggufArchitecture === 'gemma3')!
  const metadata = (change: Record<string, unknown> = {}) =>
    new Map<string, unknown>(
      Object.entries({
        block_count: 26, context_length: 32768, embedding_length: 1152, feed_forward_length: 6912,
        'attention.head_count': 4, 'attention.head_count_kv': 1, 'attention.key_length': 256,
        'attention.value_length': 256, 'attention.layer_norm_rms_epsilon': 1e-6, 'attention.sliding_window': 512,
        'rope.freq_base': 1_000_000, ...change,
      }).map(([key, value]) => [`gemma3.${key}`, value]), // biome-ignore format: short
    )

  it('say what config.json says', () => {
    const { vocabulary, tiedHead, ...rest } = settingsOf(published['gemma-3-1b-it'])
    expect([vocabulary, tiedHead]).toEqual([262144, true])
    expect(ggufSettings(metadata(), row, null)).toEqual({ ...rest, vocabulary: null, tiedHead: null })
  })

  it('of Gemma 3 27B scale by the width of a head', () => {
    const large = {
      block_count: 62,
      embedding_length: 5376,
      'attention.head_count': 32,
      'attention.key_length': 128,
      'attention.value_length': 128,
    }
    expect(ggufSettings(metadata(large), row, null).attentionScale).toBeCloseTo(168 ** -0.5, 12)
  })

  it('with 64-bit numbers are read', () => {
    expect(ggufSettings(metadata({ block_count: 26n }), row, null).layers).toBe(26)
  })

  it.each([
    ['without a width', { embedding_length: undefined }, 'The GGUF metadata has no "embedding_length"'],
    ['with half a rotation', { 'rope.dimension_count': 128 }, '"rope.dimension_count" = 128; it must be the head size, 256.'],
    ['with experts', { expert_count: 8 }, '"expert_count" = 8; it must be 0 or absent.'],
    ['with yarn', { 'rope.scaling.type': 'yarn' }, 'rope scaling of the kind "yarn"'],
    ['with a layer count past all bounds', { block_count: 2 ** 40 }, '"block_count" = 1099511627776'],
  ])('%s are refused', (_, change, message) => {
    expect(() => ggufSettings(metadata(change), row, null)).toThrow(message)
  }) // biome-ignore format: a table

  it('with frequency factors of another number are refused', () => {
    expect(() => ggufSettings(metadata(), row, new Float32Array(3).fill(1))).toThrow(
      'has 3 elements; 128 numbers',
    )
    expect(() => ggufSettings(metadata(), row, new Float32Array(128))).toThrow('numbers above 0')
  })
})

describe('rotary frequencies', () => {
  it('of Llama 3.1 keep the high ones, divide the low ones and blend between', () => {
    const scaling = { kind: 'llama3', factor: 8, lowFactor: 1, highFactor: 4, originalTokens: 8192 } as const
    const plain = rotaryFrequencies(500_000, 128, { kind: 'none' })
    const scaled = rotaryFrequencies(500_000, 128, scaling)
    const ratios = plain.map((frequency, i) => frequency / scaled[i]!)
    expect(ratios[0]).toBe(1)
    expect(ratios.at(-1)).toBeCloseTo(8, 12)
    expect(ratios.some((ratio) => ratio > 1.01 && ratio < 7.99)).toBe(true)
    expect([...ratios].sort((a, b) => a - b)).toEqual(ratios)
  })
})

describe('a model is refused', () => {
  const sourceOf = (change: (tensors: Map<string, { shape: readonly number[] }>) => void = () => {}) => {
    const model = tinyModel('llama')
    const tensors = new Map<string, { shape: readonly number[] }>(model.tensors)
    change(tensors)
    const source: WeightSource = {
      kind: 'safetensors',
      metadata: new Map(),
      tensors: new Map(
        [...tensors].map(([name, { shape }]) => [
          name,
          { name, format: 'f32', shape, read: async () => new Uint8Array(0) },
        ]),
      ),
      close: async () => {},
    }
    return { source, config: model.config }
  }
  const refused = async (
    change: Parameters<typeof sourceOf>[0],
    config: Record<string, unknown> = {},
  ): Promise<string> => {
    const opened = sourceOf(change)
    const error = await openModelWeights(opened.source, { ...opened.config, ...config }).then(
      () => new Error('it was taken'),
      (reason: unknown) => reason as Error,
    )
    expect(error).toMatchObject({ code: 'model_refused' })
    return error.message
  }

  it('of a family that is not known, with those that are', async () => {
    expect(await refused(undefined, { model_type: 'mamba' })).toContain(
      'a model of the type "mamba"; llama, mistral, qwen2, qwen3, gemma3_text, gemma3 are known.',
    )
    const gguf = { ...sourceOf().source, metadata: new Map([['general.architecture', 'rwkv']]) }
    await expect(openModelWeights(gguf, null)).rejects.toThrow(
      'The GGUF file is of the architecture "rwkv"; llama, qwen2, qwen3, gemma3 are known.',
    )
  })

  it('without a tensor, by its name', async () => {
    const name = 'model.layers.1.mlp.up_proj.weight'
    expect(await refused((tensors) => tensors.delete(name))).toContain(`The model has no tensor "${name}".`)
  })

  it('whose tensor contradicts the configuration, with both shapes', async () => {
    const name = 'model.layers.2.self_attn.k_proj.weight'
    expect(await refused((tensors) => tensors.set(name, { shape: [64, 64] }))).toContain(
      `Tensor "${name}" is [64, 64]; by the model's configuration it must be [32, 64].`,
    )
    expect(await refused(undefined, { vocab_size: 301 })).toContain(
      'a vocab_size of 301, and "model.embed_tokens.weight" is [300, 64].',
    )
  })

  it('with a tensor that nothing would read', async () => {
    const extra = (tensors: Map<string, { shape: readonly number[] }>): void =>
      void tensors.set('model.layers.0.self_attn.q_proj.bias', { shape: [64] }).set('other', { shape: [1] })
    expect(await refused(extra)).toContain(
      '"model.layers.0.self_attn.q_proj.bias" and 1 others have no place in a model of the family llama.',
    )
  })

  it('whose heads do not share keys evenly, or are of an odd size', async () => {
    expect(await refused(undefined, { num_key_value_heads: 3 })).toContain('4 heads, which do not share 3')
    expect(await refused(undefined, { head_dim: 12 })).toContain('heads of 12 elements, no multiple of 8')
  })

  it('not for a head that is spelled out beside the embedding that it is', async () => {
    const { source, config } = sourceOf((tensors) => tensors.set('lm_head.weight', { shape: [300, 64] }))
    const model = await openModelWeights(source, config)
    expect(model.weight('head').source).toBe('model.embed_tokens.weight')
  })
})
