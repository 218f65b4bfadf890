import type { LanguageModel, StageRange } from '../../protocol/language.ts'
import type { OrtRuntime, OrtTensor } from '../onnx/ortRuntime.ts'
import { chainInTurn } from './chainInTurn.ts'
import { cacheNames, type LoadedStage } from './loadedStage.ts'
import { MAX_ROWS, type StageChain } from './stageChain.ts'
import { WebgpuCache } from './webgpuCache.ts'

/**
 * The loaded stages of a run on ONNX Runtime's native WebGPU backend. Everything that changes from token to token lies in
 * buffers of its own: ONNX Runtime would make a staging buffer for each input that it uploads and each output that it
 * reads back. Hidden states and caches stay on the GPU; only the result of the last stage is read.
 */
export function createWebgpuChain(
  ort: OrtRuntime,
  device: GPUDevice,
  model: LanguageModel,
  range: StageRange,
  stages: readonly LoadedStage[],
): StageChain {
  const { width, vocabulary, kvHeads, headSize, contextTokens } = model
  const geometry = { kvHeads, headSize, stages: stages.map(({ stage }) => cacheNames(stage)) }
  const hasHead = stages.at(-1)!.stage.head
  const buffers = new StepBuffers(device, MAX_ROWS * width * 4)

  async function runStages(
    cache: WebgpuCache,
    hidden: Float32Array<ArrayBuffer>,
    logitRows: number,
    into?: Float32Array,
  ): Promise<Float32Array> {
    const rows = hidden.length / width
    const total = cache.rows + rows
    await cache.reserve(total)
    // Logits of no rows cannot be bound.
    const headRows = Math.max(1, logitRows)
    const resultBytes = (hasHead ? headRows * vocabulary : rows * width) * 4
    if (hasHead) buffers.reserveLogits(resultBytes)

    device.queue.writeBuffer(buffers.hidden[0], 0, hidden)
    device.queue.writeBuffer(buffers.lastRow, 0, Int32Array.of(total - 1))
    const onGpu = (gpuBuffer: GPUBuffer, dataType: 'float32' | 'int32', dims: number[]): OrtTensor =>
      ort.Tensor.fromGpuBuffer(gpuBuffer, { dataType, dims })
    const shared = {
      seqlens_k: onGpu(buffers.lastRow, 'int32', [1]),
      total_seq_len: new ort.Tensor('int32', Int32Array.of(total), []),
    }
    const wanted = { logit_rows: new ort.Tensor('int64', BigInt64Array.of(BigInt(headRows)), [1]) }
    let result: GPUBuffer = buffers.hidden[0]
    for (const [at, { stage, session }] of stages.entries()) {
      const { past, present } = cache.bound(at)
      const current = onGpu(result, 'float32', [1, rows, width])
      result = stage.head ? buffers.logits! : buffers.hidden[(at + 1) & 1]!
      const output = stage.head ? 'logits' : 'hidden_out'
      const shape = stage.head ? [1, headRows, vocabulary] : [1, rows, width]
      const feeds = { hidden_in: current, ...shared, ...(stage.head && wanted), ...past }
      await session.run(feeds, { [output]: onGpu(result, 'float32', shape), ...present })
    }
    const values =
      hasHead && logitRows === 0 ? new Float32Array(0) : await buffers.read(result, resultBytes, into)
    cache.advance(total)
    return values
  }

  return chainInTurn<WebgpuCache>(ort, model, range, stages, {
    newCache: () => new WebgpuCache(ort, device, geometry, contextTokens),
    run: runStages,
    release: () => buffers.destroy(),
  })
}

/** The buffers of one step, made once: steps take turns. */
class StepBuffers {
  /** f32[MAX_ROWS, width]: what a stage reads and what it writes, in turn. */
  readonly hidden: readonly [GPUBuffer, GPUBuffer]
  /** i32[1] */
  readonly lastRow: GPUBuffer
  /** f32[rows, vocabulary], for as many rows as were ever wanted. */
  logits: GPUBuffer | null = null
  readonly #device: GPUDevice
  #staging: GPUBuffer | null = null

  constructor(device: GPUDevice, hiddenBytes: number) {
    this.#device = device
    this.hidden = [this.#make(hiddenBytes), this.#make(hiddenBytes)]
    this.lastRow = this.#make(4)
  }

  reserveLogits(bytes: number): void {
    if (this.logits && this.logits.size >= bytes) return
    this.logits?.destroy()
    this.logits = this.#make(bytes)
  }

  /** The first bytes of a buffer, when everything submitted before has run. */
  async read(buffer: GPUBuffer, bytes: number, into?: Float32Array): Promise<Float32Array> {
    if (!this.#staging || this.#staging.size < bytes) {
      this.#staging?.destroy()
      this.#staging = this.#device.createBuffer({
        size: bytes,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      })
    }
    const staging = this.#staging
    const encoder = this.#device.createCommandEncoder()
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, bytes)
    this.#device.queue.submit([encoder.finish()])
    await staging.mapAsync(GPUMapMode.READ, 0, bytes)
    const values = into?.byteLength === bytes ? into : new Float32Array(bytes / 4)
    values.set(new Float32Array(staging.getMappedRange(0, bytes)))
    staging.unmap()
    return values
  }

  destroy(): void {
    for (const buffer of [...this.hidden, this.lastRow, this.logits, this.#staging]) buffer?.destroy()
  }

  #make(bytes: number): GPUBuffer {
    return this.#device.createBuffer({
      size: Math.ceil(bytes / 16) * 16,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    })
  }
}
