import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PackFormat } from '../../../protocol/weights/packBlocks.ts'
import { packBlocks } from '../../../protocol/weights/packBlocks.ts'
import type { WeightTensor } from '../../../protocol/weights/weightFile.ts'
import { type GgufValue, writeGguf } from '../gguf/writeGguf.ts'
import { writeSafetensors } from '../safetensors/writeSafetensors.ts'
import type { TinyModel } from './tinyModel.ts'
import { tinyTokenizerFiles, tinyTokenizerMetadata } from './tinyTokenizer.ts'

type Bytes = Uint8Array<ArrayBuffer>
const json = (value: unknown): Bytes => new TextEncoder().encode(JSON.stringify(value, null, 2))

/** The files of a tiny model's Hugging Face folder by name. Matrices in blocks are written out as f32. */
export function tinyFolder(model: TinyModel): Map<string, Bytes> {
  const { tokenizer, config } = tinyTokenizerFiles()
  const format = (['f32', 'f16', 'bf16'] as PackFormat[]).includes(model.format) ? model.format : 'f32'
  const tensors = [...model.tensors].map(([name, { shape, values }]): WeightTensor => {
    const own = shape.length === 2 ? format : 'f32'
    return { name, format: own, shape, bytes: packBlocks(own, values) }
  })
  return new Map<string, Bytes>([
    ['config.json', json(model.config)],
    ['generation_config.json', json({ eos_token_id: [0, 2], temperature: 0.7, do_sample: true })],
    ['tokenizer.json', json(tokenizer)],
    ['tokenizer_config.json', json(config)],
    ['model.safetensors', writeSafetensors(tensors)],
  ])
}

/** Writes them into a folder. */
export async function writeTinyFolder(folder: string, model: TinyModel): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [name, bytes] of tinyFolder(model)) await writeFile(join(folder, name), bytes)
}

/**
 * The same model as convert_hf_to_gguf.py and llama-quantize would write it: other names, q and k of the llama family
 * in interleaved order, Gemma's norms with their 1 added.
 */
export function tinyGguf(model: TinyModel): Bytes {
  const { config, kind } = model
  const architecture = ggufArchitecture[kind]
  const tensors = [...model.tensors].map(([name, { shape, values }]): WeightTensor => {
    const isTurned = architecture === 'llama' && /[qk]_proj\.weight$/.test(name)
    let own = values
    if (isTurned) own = interleaved(values, shape as [number, number], config.head_dim)
    if (kind === 'gemma3' && name.endsWith('norm.weight')) own = values.map((value) => value + 1)
    const format = shape.length === 2 ? model.format : 'f32'
    return { name: ggufName(name, kind), format, shape, bytes: packBlocks(format, own) }
  })
  const factors = ropeFactors(model)
  if (factors) {
    tensors.push({
      name: 'rope_freqs.weight',
      format: 'f32',
      shape: [factors.length],
      bytes: packBlocks('f32', factors),
    })
  }
  return writeGguf([...metadataOf(model, architecture), ...tinyTokenizerMetadata()], tensors)
}

const ggufArchitecture = {
  llama: 'llama',
  llama3: 'llama',
  // A GGUF of Mistral says llama and has no window.
  mistral: 'llama',
  qwen2: 'qwen2',
  qwen3: 'qwen3',
  gemma3: 'gemma3',
} as const

function metadataOf({ config, kind }: TinyModel, architecture: string): [string, GgufValue][] {
  const f32 = (value: number): GgufValue => ({ type: 'f32', value })
  const own: [string, GgufValue][] = [
    ['block_count', config.num_hidden_layers],
    ['context_length', config.max_position_embeddings],
    ['embedding_length', config.hidden_size],
    ['feed_forward_length', config.intermediate_size],
    ['attention.head_count', config.num_attention_heads],
    ['attention.head_count_kv', config.num_key_value_heads],
    ['attention.key_length', config.head_dim],
    ['attention.value_length', config.head_dim],
    ['attention.layer_norm_rms_epsilon', f32(config.rms_norm_eps)],
    ['rope.freq_base', f32(config.rope_theta)],
  ]
  if (kind === 'gemma3') {
    own.push(
      ['attention.sliding_window', 6],
      ['rope.scaling.type', 'linear'],
      ['rope.scaling.factor', f32(8)],
    )
  }
  return [
    ['general.architecture', architecture],
    ['general.license', 'apache-2.0'],
    ...own.map(([key, value]): [string, GgufValue] => [`${architecture}.${key}`, value]),
  ]
}

/** Names by gguf-py's tensor_mapping.py. */
function ggufName(name: string, kind: TinyModel['kind']): string {
  const parts: Record<string, string> = {
    'model.embed_tokens': 'token_embd',
    'model.norm': 'output_norm',
    lm_head: 'output',
    input_layernorm: 'attn_norm',
    'self_attn.q_proj': 'attn_q',
    'self_attn.k_proj': 'attn_k',
    'self_attn.v_proj': 'attn_v',
    'self_attn.o_proj': 'attn_output',
    'self_attn.q_norm': 'attn_q_norm',
    'self_attn.k_norm': 'attn_k_norm',
    post_attention_layernorm: kind === 'gemma3' ? 'post_attention_norm' : 'ffn_norm',
    pre_feedforward_layernorm: 'ffn_norm',
    post_feedforward_layernorm: 'post_ffw_norm',
    'mlp.gate_proj': 'ffn_gate',
    'mlp.up_proj': 'ffn_up',
    'mlp.down_proj': 'ffn_down',
  }
  const [, layer, part, ending] = /^(?:model\.layers\.(\d+)\.)?(.+)\.(weight|bias)$/.exec(name)!
  return `${layer === undefined ? '' : `blk.${layer}.`}${parts[part!]}.${ending}`
}

/** LlamaModel.permute of convert_hf_to_gguf.py: rows i and i + half of a head become 2i and 2i + 1. */
function interleaved(
  values: Float32Array,
  [rows, columns]: [number, number],
  headSize: number,
): Float32Array {
  const out = new Float32Array(values.length)
  for (let row = 0; row < rows; row++) {
    const inHead = row % headSize
    const half = headSize / 2
    const to = row - inHead + (inHead < half ? 2 * inHead : 2 * (inHead - half) + 1)
    out.set(values.subarray(row * columns, (row + 1) * columns), to * columns)
  }
  return out
}

/** What llama3's scaling divides each frequency by. LlamaModel.generate_extra_tensors of convert_hf_to_gguf.py. */
function ropeFactors({ config, kind }: TinyModel): Float32Array | null {
  if (kind !== 'llama3') return null
  const scaling = config.rope_scaling as Record<string, number>
  const original = scaling.original_max_position_embeddings!
  const [longest, shortest] = [original / scaling.low_freq_factor!, original / scaling.high_freq_factor!]
  return Float32Array.from({ length: config.head_dim / 2 }, (_, i) => {
    const wavelength = 2 * Math.PI * config.rope_theta ** ((2 * i) / config.head_dim)
    if (wavelength < shortest) return 1
    if (wavelength > longest) return scaling.factor!
    const smooth =
      (original / wavelength - scaling.low_freq_factor!) /
      (scaling.high_freq_factor! - scaling.low_freq_factor!)
    return 1 / ((1 - smooth) / scaling.factor! + smooth)
  })
}
