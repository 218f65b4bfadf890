import type * as ort from 'onnxruntime-web'
import type { LanguageModel, LanguageStage } from '../../../protocol/language.ts'
import { expandBlocks, expandRows } from '../../../protocol/weights/expandBlocks.ts'
import {
  codesOf,
  matMulBlocks,
  matMulForms,
  offsetsOf,
  scalesOf,
} from '../../../protocol/weights/matMulBlocks.ts'
import { decodeWeightFile, type WeightTensor } from '../../../protocol/weights/weightFile.ts'

/** ONNX Runtime Web: the copy to run on. */
type Runtime = Pick<typeof ort, 'env' | 'InferenceSession' | 'Tensor'>

type ReadBlob = (sha256: string) => Promise<Uint8Array>

export interface RunStagesOptions {
  /** Whether stages that have a packed graph run on it. */
  packed?: boolean
  threads?: number
}

/**
 * An imported model on ONNX Runtime Web's WASM build, all stages one after the other, as plainly as it can be done: for
 * tests of the import and as the bare peer of benchmarks.
 */
export class StageRun {
  readonly #ort: Runtime
  readonly #model: LanguageModel
  readonly #sessions: readonly ort.InferenceSession[]
  readonly #embedding: WeightTensor
  #cache = new Map<string, ort.Tensor>()
  #position = 0

  private constructor(
    runtime: Runtime,
    model: LanguageModel,
    sessions: readonly ort.InferenceSession[],
    embedding: WeightTensor,
  ) {
    this.#ort = runtime
    this.#model = model
    this.#sessions = sessions
    this.#embedding = embedding
  }

  static async open(
    runtime: Runtime,
    model: LanguageModel,
    readBlob: ReadBlob,
    options: RunStagesOptions = {},
  ): Promise<StageRun> {
    runtime.env.wasm.numThreads = options.threads ?? 1
    const sessions: ort.InferenceSession[] = []
    let embedding: WeightTensor | undefined
    for (const stage of model.stages) {
      const tensors = decodeWeightFile(await readBlob(stage.weights.sha256))
      if (stage.embedding !== null) embedding = tensors.get(stage.embedding)
      const packed = options.packed === true && stage.packedGraph !== null
      const graph = await readBlob((packed ? stage.packedGraph! : stage.graph).sha256)
      const externalData = [...tensors.values()]
        .filter(({ name }) => isRead(stage, name, tensors))
        .flatMap((tensor) =>
          packed && matMulForms[tensor.format] ? packedParts(tensor) : [expandedPart(tensor)],
        )
      sessions.push(
        await runtime.InferenceSession.create(graph, {
          executionProviders: ['wasm'],
          externalData,
          logSeverityLevel: 3,
        }),
      )
    }
    if (!embedding) throw new Error('no stage has the embedding')
    return new StageRun(runtime, model, sessions, embedding)
  }

  /** Forgets what was read. */
  restart(): void {
    this.#cache = new Map()
    this.#position = 0
  }

  /** Reads tokens after those read before. @returns logits of the last `logitRows` of them, f32[logitRows * vocabulary] */
  async read(ids: readonly number[], logitRows = 1): Promise<Float32Array> {
    const { Tensor } = this.#ort
    const { width, embeddingScale, stages, kvHeads, headSize } = this.#model
    const { format, bytes } = this.#embedding
    const rows = expandRows(format, bytes, width, Int32Array.from(ids))
    for (let i = 0; embeddingScale !== 1 && i < rows.length; i++) rows[i]! *= embeddingScale
    let hidden: ort.Tensor = new Tensor('float32', rows, [1, ids.length, width])
    const total = this.#position + ids.length
    for (const [index, stage] of stages.entries()) {
      const feeds: Record<string, ort.Tensor> = {
        hidden_in: hidden,
        seqlens_k: new Tensor('int32', [total - 1], [1]),
        total_seq_len: new Tensor('int32', [total], []),
      }
      if (stage.head) feeds.logit_rows = new Tensor('int64', [BigInt(logitRows)], [1])
      for (let layer = stage.layers[0]; layer < stage.layers[1]; layer++) {
        for (const part of ['k', 'v']) {
          feeds[`past.${layer}.${part}`] =
            this.#cache.get(`present.${layer}.${part}`) ??
            new Tensor('float32', new Float32Array(0), [1, kvHeads, 0, headSize])
        }
      }
      const results = await this.#sessions[index]!.run(feeds)
      for (const [name, tensor] of Object.entries(results)) {
        if (name.startsWith('present.')) this.#cache.set(name, tensor)
      }
      hidden = (stage.head ? results.logits : results.hidden_out)!
    }
    this.#position = total
    return hidden.data as Float32Array
  }

  /** The most likely continuation of a prompt, with the logits from which each token was picked. */
  async greedy(
    prompt: readonly number[],
    tokens: number,
  ): Promise<{ ids: number[]; logits: Float32Array[] }> {
    this.restart()
    const ids: number[] = []
    const logits: Float32Array[] = []
    let last = await this.read(prompt)
    for (;;) {
      logits.push(last)
      let best = 0
      for (let id = 1; id < last.length; id++) if (last[id]! > last[best]!) best = id
      ids.push(best)
      if (ids.length === tokens) return { ids, logits }
      last = await this.read([best])
    }
  }

  async close(): Promise<void> {
    for (const session of this.#sessions) await session.release()
  }
}

/** Whether a stage's graphs read a tensor of its weight file: protocol/language.ts, `LanguageStage`. */
const isRead = (stage: LanguageStage, name: string, tensors: ReadonlyMap<string, WeightTensor>): boolean =>
  name !== stage.embedding || (stage.head && !tensors.has('head'))

const bytesOf = (array: Float32Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

const expandedPart = ({ name, format, bytes }: WeightTensor) => ({
  path: name,
  data: bytesOf(expandBlocks(format, bytes)),
})

function packedParts(tensor: WeightTensor): { path: string; data: Uint8Array }[] {
  const { codes, scales, offsets } = matMulBlocks(tensor)
  return [
    { path: codesOf(tensor.name), data: codes },
    { path: scalesOf(tensor.name), data: bytesOf(scales) },
    ...(offsets ? [{ path: offsetsOf(tensor.name), data: bytesOf(offsets) }] : []),
  ]
}
