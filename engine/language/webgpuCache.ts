import { OpentabError } from '../../protocol/errors.ts'
import type { OrtRuntime, OrtTensor } from '../onnx/ortRuntime.ts'
import type { KeyValueCache } from './stageChain.ts'
import { type CacheGeometry, rowBytes } from './wasmCache.ts'

/** Rows of the smallest cache. */
const LEAST_ROWS = 256

/** Rows that are allocated for so many: a power of two, but no more than the context. */
export const capacityFor = (rows: number, contextTokens: number): number =>
  rows === 0 ? 0 : Math.min(contextTokens, Math.max(LEAST_ROWS, 2 ** Math.ceil(Math.log2(rows))))

/**
 * A cache on the GPU: one buffer for each tensor, f32[1, kvHeads, capacity, headSize], which a run reads and adds its
 * rows to in place. It grows by doubling, so that a token makes no buffer.
 */
export class WebgpuCache implements KeyValueCache {
  readonly #ort: OrtRuntime
  readonly #device: GPUDevice
  readonly #geometry: CacheGeometry
  readonly #contextTokens: number
  #rows = 0
  #capacity = 0
  #buffers: GPUBuffer[] = []
  #bound: { past: Record<string, OrtTensor>; present: Record<string, OrtTensor> }[] = []

  constructor(ort: OrtRuntime, device: GPUDevice, geometry: CacheGeometry, contextTokens: number) {
    this.#ort = ort
    this.#device = device
    this.#geometry = geometry
    this.#contextTokens = contextTokens
  }

  get rows(): number {
    return this.#rows
  }

  get bytes(): number {
    return this.#capacity * rowBytes(this.#geometry)
  }

  bytesWith(rows: number): number {
    return Math.max(this.#capacity, capacityFor(rows, this.#contextTokens)) * rowBytes(this.#geometry)
  }

  /** The tensors of a stage, which its graph reads as `past` and writes as `present`. */
  bound(stage: number): { past: Record<string, OrtTensor>; present: Record<string, OrtTensor> } {
    return this.#bound[stage]!
  }

  /** Says that runs have filled the cache up to here. */
  advance(rows: number): void {
    this.#rows = rows
  }

  truncate(rows: number): void {
    // What lies beyond is overwritten before it is read.
    this.#rows = Math.min(rows, this.#rows)
  }

  /** Makes room for so many rows. @throws OpentabError `out_of_memory` */
  async reserve(rows: number): Promise<void> {
    const capacity = capacityFor(rows, this.#contextTokens)
    if (capacity <= this.#capacity) return
    this.#device.pushErrorScope('out-of-memory')
    this.#move(this.#buffers, this.#capacity, this.#rows, capacity)
    const error = await this.#device.popErrorScope()
    if (!error) return
    const needed = capacity * rowBytes(this.#geometry)
    this.free()
    throw new OpentabError(
      'out_of_memory',
      `The GPU has no ${needed} bytes for the cache of ${rows} tokens: ${error.message}`,
    )
  }

  fork(rows: number): WebgpuCache {
    const copy = new WebgpuCache(this.#ort, this.#device, this.#geometry, this.#contextTokens)
    const kept = Math.min(rows, this.#rows)
    if (kept === 0) return copy
    copy.#move(this.#buffers, this.#capacity, kept, capacityFor(kept, this.#contextTokens))
    copy.#rows = kept
    return copy
  }

  free(): void {
    for (const buffer of this.#buffers) buffer.destroy()
    this.#buffers = []
    this.#bound = []
    this.#capacity = 0
    this.#rows = 0
  }

  /** Takes new buffers of this capacity with the first rows of others, and lets those go that were its own. */
  #move(sources: readonly GPUBuffer[], sourceCapacity: number, rows: number, capacity: number): void {
    const { kvHeads, headSize, stages } = this.#geometry
    const [from, to] = [sourceCapacity * headSize * 4, capacity * headSize * 4]
    const own = this.#buffers
    const buffers: GPUBuffer[] = []
    const encoder = this.#device.createCommandEncoder()
    const shape = [1, kvHeads, capacity, headSize]
    this.#bound = stages.map((names) => {
      const bound = { past: {} as Record<string, OrtTensor>, present: {} as Record<string, OrtTensor> }
      for (const { past, present } of names) {
        const source = sources[buffers.length]
        const buffer = this.#device.createBuffer({
          label: past,
          size: kvHeads * to,
          usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
        })
        for (let head = 0; source && rows > 0 && head < kvHeads; head++) {
          encoder.copyBufferToBuffer(source, head * from, buffer, head * to, rows * headSize * 4)
        }
        buffers.push(buffer)
        const tensor = this.#ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: shape })
        bound.past[past] = tensor
        bound.present[present] = tensor
      }
      return bound
    })
    this.#device.queue.submit([encoder.finish()])
    for (const buffer of own) buffer.destroy()
    this.#buffers = buffers
    this.#capacity = capacity
  }
}
