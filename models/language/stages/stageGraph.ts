import { codesOf, matMulForms, offsetsOf, scalesOf } from '../../../protocol/weights/matMulBlocks.ts'
import type { Architecture } from '../architecture.ts'
import { GraphBuilder } from './graphBuilder.ts'
import {
  EMBEDDING,
  FINAL_NORM,
  fusions,
  HEAD,
  layerTensor,
  rotationTensor,
  type StageOutline,
  type StageTensor,
} from './stageWeights.ts'

/** Where weights come from: expanded to f32, or in MatMulNBits' form where their format has one. */
export type WeightForm = 'expanded' | 'packed'

/** Whether a stage has weights for which the packed graph differs from the expanded one. */
export const hasPackedForm = (tensors: readonly StageTensor[]): boolean =>
  tensors.some(({ name, format }) => name !== EMBEDDING && matMulForms[format])

/**
 * The ONNX graph of a stage; inputs and outputs stand in protocol/language.ts (`LanguageStage`). Between the operators
 * that want a batch the rows are a matrix [S, width], so that Gemm takes weights [N, K] as the files have them.
 */
export function stageGraph(
  a: Architecture,
  { layers: [begin, end] }: StageOutline,
  tensors: readonly StageTensor[],
  form: WeightForm,
): Uint8Array<ArrayBuffer> {
  const graph = new GraphBuilder()
  const hasHead = end === a.layers
  const weights = new StageGraphWeights(graph, tensors, form)
  const hiddenIn = graph.input('hidden_in', 'FLOAT', [1, 'rows', a.width])
  graph.input('seqlens_k', 'INT32', [1])
  graph.input('total_seq_len', 'INT32', [])
  if (hasHead) graph.input('logit_rows', 'INT64', [1])

  let rows = graph.op('Reshape', [hiddenIn, graph.integers([-1, a.width])])
  for (let layer = begin; layer < end; layer++) {
    rows = attentionBlock(graph, a, weights, layer, rows)
    rows = feedForwardBlock(graph, a, weights, layer, rows)
  }
  if (hasHead) {
    const last = lastRows(graph, rows)
    const normed = norm(graph, a, last, weights.floats(FINAL_NORM))
    const logits = weights.linear(normed, weights.has(HEAD) ? HEAD : EMBEDDING)
    graph.op('Reshape', [logits, graph.integers([1, -1, a.vocabulary])], {}, 'logits')
    graph.output('logits', [1, 'logit_rows', a.vocabulary])
  } else {
    graph.op('Reshape', [rows, graph.integers([1, -1, a.width])], {}, 'hidden_out')
    graph.output('hidden_out', [1, 'rows', a.width])
  }
  return graph.build(`layers ${begin} to ${end - 1}`)
}

/** rows + post-norm(o(attention(norm(rows)))) */
function attentionBlock(
  graph: GraphBuilder,
  a: Architecture,
  weights: StageGraphWeights,
  layer: number,
  rows: string,
): string {
  const of = (part: string): string => layerTensor(layer, part)
  const [queries, keys] = [a.heads * a.headSize, a.kvHeads * a.headSize]
  const normed = norm(graph, a, rows, weights.floats(of('attention_norm')))
  let qkv = weights.fused(normed, layer, 'qkv')
  if (a.qkvBias) qkv = graph.op('Add', [qkv, weights.floats(of('qkv_bias'))])

  const batch = (matrix: string, width: number): string =>
    graph.op('Reshape', [matrix, graph.integers([1, -1, width])])
  let inputs: string[]
  if (a.qkNorm) {
    const parts = graph.ops('Split', [qkv, graph.integers([queries, keys, keys])], ['q', 'k', 'v'].map(of), {
      axis: 1,
    })
    const normedHeads = (matrix: string, weight: string, width: number): string => {
      const heads = graph.op('Reshape', [matrix, graph.integers([-1, a.headSize])])
      return batch(norm(graph, a, heads, weights.floats(of(weight))), width)
    }
    inputs = [
      normedHeads(parts[0]!, 'q_norm', queries),
      normedHeads(parts[1]!, 'k_norm', keys),
      batch(parts[2]!, keys),
    ]
  } else inputs = [batch(qkv, queries + 2 * keys), '', '']

  const past = (['k', 'v'] as const).map((part) =>
    graph.input(`past.${layer}.${part}`, 'FLOAT', [1, a.kvHeads, 'past', a.headSize]),
  )
  const present = (['k', 'v'] as const).map((part) => `present.${layer}.${part}`)
  for (const name of present) graph.output(name, [1, a.kvHeads, 'total', a.headSize])
  const window = a.windows[layer] ?? null
  const rotation = a.rotationOf[layer]!
  const [attended] = graph.ops(
    'GroupQueryAttention',
    [
      ...inputs,
      ...past,
      'seqlens_k',
      'total_seq_len',
      weights.floats(rotationTensor(rotation, 'cos')),
      weights.floats(rotationTensor(rotation, 'sin')),
    ],
    [of('attended'), ...present],
    {
      num_heads: a.heads,
      kv_num_heads: a.kvHeads,
      scale: { float: a.attentionScale },
      do_rotary: 1,
      rotary_interleaved: 0,
      // The window includes the row's own token since ONNX Runtime 1.23, as in every family here.
      ...(window !== null && { local_window_size: window }),
    },
  )
  const matrix = graph.op('Reshape', [attended!, graph.integers([-1, queries])])
  const out = weights.linear(matrix, of('o'))
  const added = a.postNorms ? norm(graph, a, out, weights.floats(of('post_attention_norm'))) : out
  return graph.op('Add', [rows, added])
}

/** rows + post-norm(down(activation(gate(norm(rows))) * up(norm(rows)))) */
function feedForwardBlock(
  graph: GraphBuilder,
  a: Architecture,
  weights: StageGraphWeights,
  layer: number,
  rows: string,
): string {
  const of = (part: string): string => layerTensor(layer, part)
  const normed = norm(graph, a, rows, weights.floats(of('feed_forward_norm')))
  const both = weights.fused(normed, layer, 'gate_up')
  const [gate, up] = graph.ops(
    'Split',
    [both, graph.integers([a.feedForward, a.feedForward])],
    [of('gate_rows'), of('up_rows')],
    { axis: 1 },
  ) as [string, string]
  const activated =
    a.activation === 'gelu'
      ? graph.op('FastGelu', [gate])
      : graph.op('Mul', [gate, graph.op('Sigmoid', [gate])])
  const out = weights.linear(graph.op('Mul', [activated, up]), of('down'))
  const added = a.postNorms ? norm(graph, a, out, weights.floats(of('post_feed_forward_norm'))) : out
  return graph.op('Add', [rows, added])
}

/** RMS norm of each row. */
const norm = (graph: GraphBuilder, a: Architecture, rows: string, weight: string): string =>
  graph.op('SimplifiedLayerNormalization', [rows, weight], {
    axis: -1,
    epsilon: { float: a.epsilon },
    stash_type: 1,
  })

/** The last `logit_rows` rows, which may be none. */
function lastRows(graph: GraphBuilder, rows: string): string {
  const count = graph.op('Shape', [rows], { start: 0, end: 1 })
  const from = graph.op('Sub', [count, 'logit_rows'])
  return graph.op('Slice', [rows, from, count, graph.integers([0])])
}

/** A stage's weights as a graph reads them. */
class StageGraphWeights {
  readonly #graph: GraphBuilder
  readonly #tensors: ReadonlyMap<string, StageTensor>
  readonly #form: WeightForm
  /** Sums of each 32 elements of a row, by the tensor that they are of. */
  readonly #sums = new Map<string, string>()

  constructor(graph: GraphBuilder, tensors: readonly StageTensor[], form: WeightForm) {
    this.#graph = graph
    this.#tensors = new Map(tensors.map((tensor) => [tensor.name, tensor]))
    this.#form = form
  }

  has(name: string): boolean {
    return this.#tensors.has(name)
  }

  floats(name: string): string {
    return this.#graph.external(name, 'FLOAT', this.#tensors.get(name)!.shape)
  }

  /** input [S, K] times a matrix [N, K], transposed: [S, N]. */
  linear(input: string, name: string): string {
    const { format, shape } = this.#tensors.get(name)!
    const form = this.#form === 'packed' ? matMulForms[format] : undefined
    if (!form) return this.#graph.op('Gemm', [input, this.floats(name)], { transB: 1 })
    const [n, k] = shape as readonly [number, number]
    const { bits, blockElements } = form
    const blocks = k / blockElements
    const codes = this.#graph.external(codesOf(name), 'UINT8', [n, blocks, (blockElements * bits) / 8])
    const scales = this.#graph.external(scalesOf(name), 'FLOAT', [n * blocks])
    const product = this.#graph.op('MatMulNBits', [input, codes, scales], {
      K: k,
      N: n,
      bits,
      block_size: blockElements,
    })
    if (!form.hasOffsets) return product
    const offsets = this.#graph.external(offsetsOf(name), 'FLOAT', [n, blocks])
    return this.#graph.op('Gemm', [this.#sumsOf(input, k, blockElements), offsets, product], { transB: 1 })
  }

  /** The outputs of several matrices over one input next to each other. */
  fused(input: string, layer: number, name: keyof typeof fusions): string {
    if (this.has(layerTensor(layer, name))) return this.linear(input, layerTensor(layer, name))
    const parts = Object.keys(fusions[name]).map((part) => this.linear(input, layerTensor(layer, part)))
    return this.#graph.op('Concat', parts, { axis: 1 })
  }

  /** Sums of each so many elements of a row, f32[S, K / blockElements]. */
  #sumsOf(input: string, k: number, blockElements: number): string {
    const known = this.#sums.get(input)
    if (known) return known
    const grouped = this.#graph.op('Reshape', [
      input,
      this.#graph.integers([-1, k / blockElements, blockElements]),
    ])
    const sums = this.#graph.op('ReduceSum', [grouped, this.#graph.integers([2])], { keepdims: 0 })
    this.#sums.set(input, sums)
    return sums
  }
}

/** f32 bytes of the weights that the expanded graph of a stage reads. */
export const expandedBytes = (tensors: readonly StageTensor[], hasHead: boolean): number =>
  tensors
    .filter(({ name }) => name !== EMBEDDING || (hasHead && !tensors.some((each) => each.name === HEAD)))
    .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 4), 0)
