/** What a node of an export is: a projection of a layer, the head, or nothing that has a matrix. */
export interface ProjectionName {
  /** Hugging Face's name without `.weight`, e.g. `model.layers.0.self_attn.q_proj`. */
  name: string
  /** Query, key and value in one matrix, in this order. */
  isFused: boolean
}

/**
 * Node names of onnxruntime-genai's model builder, whose layout Hugging Face's ONNX community publishes, e.g.
 * `/model/layers.0/attn/q_proj/MatMul`, with an ending of the quantiser's.
 */
export function projectionOf(nodeName: string): ProjectionName | null {
  if (/^\/lm_head\/MatMul/.test(nodeName)) return { name: 'lm_head', isFused: false }
  const found = /^\/model\/layers\.(\d+)\/(attn|mlp)\/(\w+_proj)\/(?:MatMul|Add)/.exec(nodeName)
  if (!found) return null
  const [, layer, block, part] = found
  const inner = block === 'attn' ? 'self_attn' : 'mlp'
  return { name: `model.layers.${layer}.${inner}.${part}`, isFused: part === 'qkv_proj' }
}

/** Hugging Face's name of a norm's weight, by the constant's name in an export of so many layers. */
export function normOf(constant: string, layers: number): string | null {
  if (constant === 'model.norm.weight' || constant === `model.layers.${layers}.final_norm_layernorm.weight`) {
    return 'model.norm.weight'
  }
  const head = /^model\.layers\.(\d+)\.attn\.([qk]_norm)\.layernorm\.weight$/.exec(constant)
  if (head) return `model.layers.${head[1]}.self_attn.${head[2]}.weight`
  return /^model\.layers\.\d+\.(?:input|post_attention|pre_feedforward|post_feedforward)_layernorm\.weight$/.test(
    constant,
  )
    ? constant
    : null
}
