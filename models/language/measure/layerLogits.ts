import * as ort from 'onnxruntime-web'
import { expandBlocks, expandRows } from '../../../protocol/weights/expandBlocks.ts'
import type { ModelWeights } from '../modelWeights.ts'
import { stageGraph } from '../stages/stageGraph.ts'
import { EMBEDDING, type StageOutline, type StageTensor, stageWeights } from '../stages/stageWeights.ts'

/** Rows that go through a layer at once: bounds the logits of one call, f32[64, vocabulary]. */
const CHUNK_ROWS = 64

/**
 * The logits of every row of a sequence, made layer by layer on ONNX Runtime's WASM, so that never more than one
 * layer's weights are in memory. `onLogits` hears of each row once, in order: f32[vocabulary], valid during the call;
 * `onShare` of the share of the layers that is done.
 */
export async function layerLogits(
  model: ModelWeights,
  ids: Int32Array,
  onLogits: (row: number, logits: Float32Array) => void,
  onShare: (share: number) => void = () => {},
): Promise<void> {
  const { architecture: a } = model
  const embedding = model.weight('embedding')
  let hidden = expandRows(embedding.format, await embedding.read(), a.width, ids)
  for (let i = 0; a.embeddingScale !== 1 && i < hidden.length; i++) hidden[i]! *= a.embeddingScale
  for (let layer = 0; layer < a.layers; layer++) {
    const session = await layerSession(model, { layers: [layer, layer + 1], contextTokens: ids.length })
    try {
      hidden = await throughLayer(session, model, layer, hidden, onLogits)
    } finally {
      await session.release()
    }
    onShare((layer + 1) / a.layers)
  }
}

async function layerSession(model: ModelWeights, outline: StageOutline): Promise<ort.InferenceSession> {
  const { architecture } = model
  const tensors = stageWeights(model, outline)
  const isRead = ({ name }: StageTensor): boolean =>
    name !== EMBEDDING || outline.layers[1] === architecture.layers
  const externalData: { path: string; data: Uint8Array }[] = []
  for (const tensor of tensors.filter(isRead)) {
    const floats = expandBlocks(tensor.format, await tensor.read())
    externalData.push({ path: tensor.name, data: new Uint8Array(floats.buffer) })
  }
  return ort.InferenceSession.create(stageGraph(architecture, outline, tensors, 'expanded'), {
    executionProviders: ['wasm'],
    externalData,
    logSeverityLevel: 3,
  })
}

/** Hidden states after a layer, f32[rows, width]; those of the last layer go to `onLogits` instead. */
async function throughLayer(
  session: ort.InferenceSession,
  { architecture: a }: ModelWeights,
  layer: number,
  hidden: Float32Array,
  onLogits: (row: number, logits: Float32Array) => void,
): Promise<Float32Array> {
  const out = new Float32Array(hidden.length)
  const rows = hidden.length / a.width
  const [pastKey, pastValue] = [`past.${layer}.k`, `past.${layer}.v`]
  let keys = new ort.Tensor('float32', new Float32Array(0), [1, a.kvHeads, 0, a.headSize])
  let values = new ort.Tensor('float32', new Float32Array(0), [1, a.kvHeads, 0, a.headSize])
  const isLast = layer === a.layers - 1
  for (let row = 0; row < rows; row += CHUNK_ROWS) {
    const end = Math.min(rows, row + CHUNK_ROWS)
    const given = hidden.subarray(row * a.width, end * a.width)
    const made = await session.run({
      hidden_in: new ort.Tensor('float32', given, [1, end - row, a.width]),
      seqlens_k: new ort.Tensor('int32', [end - 1], [1]),
      total_seq_len: new ort.Tensor('int32', [end], []),
      [pastKey]: keys,
      [pastValue]: values,
      ...(isLast && { logit_rows: new ort.Tensor('int64', [BigInt(end - row)], [1]) }),
    })
    keys = made[`present.${layer}.k`] as typeof keys
    values = made[`present.${layer}.v`] as typeof values
    if (!isLast) out.set(made.hidden_out!.data as Float32Array, row * a.width)
    else {
      const logits = made.logits!.data as Float32Array
      for (let at = row; at < end; at++) {
        onLogits(at, logits.subarray((at - row) * a.vocabulary, (at - row + 1) * a.vocabulary))
      }
    }
  }
  return out
}
