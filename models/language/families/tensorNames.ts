import type { FamilyRow, TensorNames } from './familyRow.ts'

/** Source: convert_hf_to_gguf.py and transformers, modeling_llama.py. */
const huggingFace: TensorNames = {
  embedding: 'model.embed_tokens.weight',
  finalNorm: 'model.norm.weight',
  head: 'lm_head.weight',
  attentionNorm: 'model.layers.N.input_layernorm.weight',
  query: 'model.layers.N.self_attn.q_proj.weight',
  queryBias: 'model.layers.N.self_attn.q_proj.bias',
  key: 'model.layers.N.self_attn.k_proj.weight',
  keyBias: 'model.layers.N.self_attn.k_proj.bias',
  value: 'model.layers.N.self_attn.v_proj.weight',
  valueBias: 'model.layers.N.self_attn.v_proj.bias',
  queryNorm: 'model.layers.N.self_attn.q_norm.weight',
  keyNorm: 'model.layers.N.self_attn.k_norm.weight',
  attentionOutput: 'model.layers.N.self_attn.o_proj.weight',
  postAttentionNorm: '',
  feedForwardNorm: 'model.layers.N.post_attention_layernorm.weight',
  gate: 'model.layers.N.mlp.gate_proj.weight',
  up: 'model.layers.N.mlp.up_proj.weight',
  down: 'model.layers.N.mlp.down_proj.weight',
  postFeedForwardNorm: '',
}

/** Source: gguf-py, constants.py, TENSOR_NAMES. */
const gguf: TensorNames = {
  embedding: 'token_embd.weight',
  finalNorm: 'output_norm.weight',
  head: 'output.weight',
  attentionNorm: 'blk.N.attn_norm.weight',
  query: 'blk.N.attn_q.weight',
  queryBias: 'blk.N.attn_q.bias',
  key: 'blk.N.attn_k.weight',
  keyBias: 'blk.N.attn_k.bias',
  value: 'blk.N.attn_v.weight',
  valueBias: 'blk.N.attn_v.bias',
  queryNorm: 'blk.N.attn_q_norm.weight',
  keyNorm: 'blk.N.attn_k_norm.weight',
  attentionOutput: 'blk.N.attn_output.weight',
  postAttentionNorm: 'blk.N.post_attention_norm.weight',
  feedForwardNorm: 'blk.N.ffn_norm.weight',
  gate: 'blk.N.ffn_gate.weight',
  up: 'blk.N.ffn_up.weight',
  down: 'blk.N.ffn_down.weight',
  postFeedForwardNorm: 'blk.N.post_ffw_norm.weight',
}

/** Where weights come from: decides their names and their order of rows. */
export type WeightLayout = 'hugging-face' | 'gguf'

/** What a family's tensors are called in a layout. */
export const tensorNames = (row: FamilyRow, layout: WeightLayout): TensorNames =>
  layout === 'gguf' ? { ...gguf, ...row.ggufNames } : { ...huggingFace, ...row.huggingFaceNames }
