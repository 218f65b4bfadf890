import { refuseWeights } from '../../../protocol/weights/refuseWeights.ts'
import type { FamilyRow } from './familyRow.ts'
import { type FieldReader, fieldReader } from './fieldReader.ts'
import type { RopeScaling } from './rotaryFrequencies.ts'
import type { RopeSettings, Settings } from './settings.ts'

type Json = Readonly<Record<string, unknown>>

/**
 * The settings in a config.json of transformers 4 or 5.
 * @throws OpentabError `model_refused` naming the field and its value
 */
export function huggingFaceSettings(config: Json, row: FamilyRow): Settings {
  // Models that also see pictures keep the text part's fields one level down.
  const text = isObject(config.text_config) ? config.text_config : config
  const said = (key: string): unknown => (key in text ? text[key] : config[key])
  const field = fieldReader((key) => (said(key) === undefined ? row.defaults[key] : said(key)), 'config.json')
  refuseUnserved(field, row)
  const layers = field.size('num_hidden_layers')
  const width = field.size('hidden_size')
  const heads = field.size('num_attention_heads')
  const headSize = field.has('head_dim') ? field.size('head_dim') : width / heads
  if (!Number.isInteger(headSize)) {
    throw refuseWeights(`config.json has a hidden_size of ${width}, no multiple of its ${heads} heads.`)
  }
  const windows = windowsOf(field, row, layers)
  const { rope, windowRope } = ropesOf(field)
  return {
    layers,
    width,
    heads,
    kvHeads: field.has('num_key_value_heads') ? field.size('num_key_value_heads') : heads,
    headSize,
    feedForward: field.size('intermediate_size'),
    vocabulary: field.has('vocab_size') ? field.size('vocab_size') : null,
    contextTokens: field.size('max_position_embeddings'),
    epsilon: field.positive('rms_norm_eps'),
    attentionScale:
      (field.has('query_pre_attn_scalar') ? field.positive('query_pre_attn_scalar') : headSize) ** -0.5,
    tiedHead: field.flag('tie_word_embeddings'),
    rope,
    windowRope: windows.some((window) => window !== null) ? windowRope : null,
    windows,
  }
}

/** What a configuration can ask for and the graphs do not have. */
function refuseUnserved(field: FieldReader, row: FamilyRow): void {
  const activations = row.activation === 'gelu' ? ['gelu_pytorch_tanh'] : ['silu', 'swish']
  for (const key of ['hidden_act', 'hidden_activation']) {
    const name = field.raw(key)
    // Gemma's files carry `hidden_act` beside `hidden_activation`, which is the one that counts.
    if (name === undefined || (key === 'hidden_act' && field.has('hidden_activation'))) continue
    if (!activations.includes(String(name))) field.refuse(key, `${activations[0]} in ${row.family}`)
  }
  for (const key of ['attention_bias', 'mlp_bias', 'use_bidirectional_attention']) {
    if (field.raw(key) === true) field.refuse(key, 'false')
  }
  for (const key of ['attn_logit_softcapping', 'final_logit_softcapping', 'quantization_config']) {
    if (field.has(key)) field.refuse(key, 'absent')
  }
  if (field.has('partial_rotary_factor') && field.raw('partial_rotary_factor') !== 1) {
    field.refuse('partial_rotary_factor', '1')
  }
}

function windowsOf(field: FieldReader, row: FamilyRow, layers: number): (number | null)[] {
  const types = field.raw('layer_types')
  const listed = Array.isArray(types)
  if (listed && types.length !== layers) field.refuse('layer_types', `a list of ${layers} layers`)
  const isWindowed = (layer: number): boolean => {
    if (listed) {
      if (types[layer] === 'sliding_attention') return true
      if (types[layer] === 'full_attention') return false
      return field.refuse('layer_types', 'a list of "full_attention" and "sliding_attention"')
    }
    if (field.has('use_sliding_window')) {
      return (
        field.flag('use_sliding_window') &&
        field.has('max_window_layers') &&
        layer >= Number(field.raw('max_window_layers'))
      )
    }
    const every = field.has('sliding_window_pattern') ? field.size('sliding_window_pattern') : row.fullEvery
    return every === 0 || (layer + 1) % every !== 0
  }
  return Array.from({ length: layers }, (_, layer) => {
    if (!isWindowed(layer)) return null
    return field.has('sliding_window') ? field.size('sliding_window') : null
  })
}

/** `rope_parameters` of transformers 5, else `rope_theta`, `rope_scaling` and `rope_local_base_freq`. */
function ropesOf(field: FieldReader): { rope: RopeSettings; windowRope: RopeSettings | null } {
  const base = field.positive('rope_theta')
  const localBase = field.has('rope_local_base_freq') ? field.positive('rope_local_base_freq') : null
  const parameters = field.raw('rope_parameters')
  if (!isObject(parameters)) {
    return {
      rope: { base, scaling: scalingOf(field.raw('rope_scaling'), 'rope_scaling', field) },
      windowRope: localBase === null ? null : { base: localBase, scaling: { kind: 'none' } },
    }
  }
  const one = (json: unknown, key: string, otherwise: number): RopeSettings => {
    if (!isObject(json)) return field.refuse('rope_parameters', `an object with ${key}`)
    const inner = fieldReader((name) => json[name], `${key} in config.json`)
    return {
      base: inner.has('rope_theta') ? inner.positive('rope_theta') : otherwise,
      scaling: scalingOf(json, key, field),
    }
  }
  if (!('full_attention' in parameters)) {
    return {
      rope: one(parameters, 'rope_parameters', base),
      windowRope: localBase === null ? null : { base: localBase, scaling: { kind: 'none' } },
    }
  }
  return {
    rope: one(parameters.full_attention, 'rope_parameters.full_attention', base),
    windowRope: one(parameters.sliding_attention, 'rope_parameters.sliding_attention', localBase ?? base),
  }
}

function scalingOf(json: unknown, key: string, field: FieldReader): RopeScaling {
  if (json === undefined) return { kind: 'none' }
  if (!isObject(json)) return field.refuse(key, 'an object')
  const inner = fieldReader((name) => json[name], `${key} in config.json`)
  const kind = inner.raw('rope_type') ?? inner.raw('type') ?? 'default'
  switch (kind) {
    case 'default':
      return { kind: 'none' }
    case 'linear':
      return { kind: 'linear', factor: inner.positive('factor') }
    case 'llama3':
      return {
        kind: 'llama3',
        factor: inner.positive('factor'),
        lowFactor: inner.positive('low_freq_factor'),
        highFactor: inner.positive('high_freq_factor'),
        originalTokens: inner.size('original_max_position_embeddings'),
      }
    default:
      throw refuseWeights(
        `config.json asks for rope scaling of the kind ${JSON.stringify(kind)}; "linear" and "llama3" are known.`,
      )
  }
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
