import { expandBlocks } from '../../../protocol/weights/expandBlocks.ts'
import type { WeightSource } from '../weightSource.ts'
import { geluTanh, silu } from './activations.ts'
import { attention, type LayerCache } from './attention.ts'
import { add, linear, type Matrix, multiply } from './matrix.ts'
import { rmsNorm, rmsNormHeads } from './rmsNorm.ts'
import { frequenciesOf, type RopeConfig, rotate } from './rotate.ts'

/** The fields of a config.json that the reference reads. */
export interface ReferenceConfig {
  model_type: string
  hidden_size: number
  num_hidden_layers: number
  num_attention_heads: number
  num_key_value_heads: number
  head_dim?: number
  rms_norm_eps: number
  rope_theta: number
  rope_scaling?: RopeConfig | null
  rope_local_base_freq?: number
  sliding_window?: number | null
  tie_word_embeddings: boolean
  query_pre_attn_scalar?: number
}

/**
 * The four families as their papers and transformers' modeling files have them, in f64, slow and plain: what the graphs
 * are held against. Reads a Hugging Face folder's own names, and shares nothing with the table of families.
 */
export class ReferenceModel {
  readonly #config: ReferenceConfig
  readonly #weights: ReadonlyMap<string, Matrix>
  readonly #caches: LayerCache[]

  private constructor(config: ReferenceConfig, weights: ReadonlyMap<string, Matrix>) {
    this.#config = config
    this.#weights = weights
    this.#caches = Array.from({ length: config.num_hidden_layers }, () => ({ keys: [], values: [] }))
  }

  /** Reads all weights, dequantised. */
  static async open(config: ReferenceConfig, source: WeightSource): Promise<ReferenceModel> {
    const weights = new Map<string, Matrix>()
    for (const [name, tensor] of source.tensors) {
      const values = Float64Array.from(expandBlocks(tensor.format, await tensor.read()))
      const columns = tensor.shape.at(-1)!
      weights.set(name, { rows: values.length / columns, columns, values })
    }
    return new ReferenceModel(config, weights)
  }

  /** Tokens that were read. */
  get position(): number {
    return this.#caches[0]!.keys.length
  }

  /** A model that has read nothing, over the same weights. */
  fresh(): ReferenceModel {
    return new ReferenceModel(this.#config, this.#weights)
  }

  /** Reads tokens after those read before. @returns the logits after each, f64[vocabulary] */
  read(ids: readonly number[]): Float64Array[] {
    return ids.map((id) => this.#step(id))
  }

  /** The most likely continuation of a prompt, with the logits from which each token was picked. */
  greedy(prompt: readonly number[], tokens: number): { ids: number[]; logits: Float64Array[] } {
    const ids: number[] = []
    const logits: Float64Array[] = []
    let last = this.read(prompt).at(-1)!
    for (;;) {
      logits.push(last)
      ids.push(last.reduce((best, value, id) => (value > last[best]! ? id : best), 0))
      if (ids.length === tokens) return { ids, logits }
      last = this.read(ids.slice(-1))[0]!
    }
  }

  #step(id: number): Float64Array {
    const config = this.#config
    const isGemma = config.model_type.startsWith('gemma3')
    const embedding = this.#matrix('model.embed_tokens')
    let x: Float64Array = embedding.values.slice(id * embedding.columns, (id + 1) * embedding.columns)
    if (isGemma) x = x.map((value) => value * toBrain(Math.sqrt(config.hidden_size)))
    for (let layer = 0; layer < config.num_hidden_layers; layer++) {
      const name = `model.layers.${layer}`
      const attended = this.#attention(this.#norm(x, `${name}.input_layernorm`), layer)
      if (isGemma) {
        x = add(x, this.#norm(attended, `${name}.post_attention_layernorm`))
        const fed = this.#feedForward(this.#norm(x, `${name}.pre_feedforward_layernorm`), layer)
        x = add(x, this.#norm(fed, `${name}.post_feedforward_layernorm`))
      } else {
        x = add(x, attended)
        x = add(x, this.#feedForward(this.#norm(x, `${name}.post_attention_layernorm`), layer))
      }
    }
    const head = config.tie_word_embeddings ? embedding : this.#matrix('lm_head')
    return linear(this.#norm(x, 'model.norm'), head)
  }

  #attention(x: Float64Array, layer: number): Float64Array {
    const config = this.#config
    const name = `model.layers.${layer}.self_attn`
    const headSize = config.head_dim ?? config.hidden_size / config.num_attention_heads
    const project = (part: string): Float64Array =>
      linear(
        x,
        this.#matrix(`${name}.${part}_proj`),
        config.model_type === 'qwen2' ? this.#vector(`${name}.${part}_proj.bias`) : undefined,
      )
    let [query, key] = [project('q'), project('k')]
    if (config.model_type === 'qwen3' || config.model_type.startsWith('gemma3')) {
      query = rmsNormHeads(query, this.#normWeight(`${name}.q_norm`), config.rms_norm_eps)
      key = rmsNormHeads(key, this.#normWeight(`${name}.k_norm`), config.rms_norm_eps)
    }
    // In Gemma 3 every sixth layer sees all tokens; the others turn by the local base and see a window.
    const isLocal = config.model_type.startsWith('gemma3') && (layer + 1) % 6 !== 0
    const frequencies = isLocal
      ? frequenciesOf(config.rope_local_base_freq!, headSize)
      : frequenciesOf(config.rope_theta, headSize, config.rope_scaling)
    const cache = this.#caches[layer]!
    const position = cache.keys.length
    cache.keys.push(rotate(key, position, frequencies))
    cache.values.push(project('v'))
    const out = attention(rotate(query, position, frequencies), cache, {
      heads: config.num_attention_heads,
      kvHeads: config.num_key_value_heads,
      headSize,
      scale: 1 / Math.sqrt(config.query_pre_attn_scalar ?? headSize),
      window: isLocal || config.model_type === 'mistral' ? (config.sliding_window ?? null) : null,
    })
    return linear(out, this.#matrix(`${name}.o_proj`))
  }

  #feedForward(x: Float64Array, layer: number): Float64Array {
    const name = `model.layers.${layer}.mlp`
    const gate = linear(x, this.#matrix(`${name}.gate_proj`))
    const up = linear(x, this.#matrix(`${name}.up_proj`))
    const activation = this.#config.model_type.startsWith('gemma3') ? geluTanh : silu
    return linear(multiply(activation(gate), up), this.#matrix(`${name}.down_proj`))
  }

  #norm(x: Float64Array, name: string): Float64Array {
    return rmsNorm(x, this.#normWeight(name), this.#config.rms_norm_eps)
  }

  /** Gemma's norms multiply by 1 + weight. */
  #normWeight(name: string): Float64Array {
    const weight = this.#vector(`${name}.weight`)
    return this.#config.model_type.startsWith('gemma3') ? weight.map((value) => 1 + value) : weight
  }

  #vector(name: string): Float64Array {
    const matrix = this.#weights.get(name)
    if (!matrix) throw new Error(`the reference found no ${name}`)
    return matrix.values
  }

  #matrix(name: string): Matrix {
    const matrix = this.#weights.get(`${name}.weight`)
    if (!matrix) throw new Error(`the reference found no ${name}.weight`)
    return matrix
  }
}

/** Rounded to the 8 significant bits of bf16. */
function toBrain(value: number): number {
  const unit = 2 ** (Math.floor(Math.log2(value)) - 7)
  return Math.round(value / unit) * unit
}
