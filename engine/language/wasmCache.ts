import type { OrtRuntime, OrtTensor } from '../onnx/ortRuntime.ts'
import type { KeyValueCache } from './stageChain.ts'

/** Where the tensors of a cache stand: f32[1, kvHeads, rows, headSize] each. */
export interface CacheGeometry {
  kvHeads: number
  headSize: number
  /** Names of the tensors in each stage's graph. */
  stages: readonly (readonly { past: string; present: string }[])[]
}

/** Bytes of one row in all tensors. */
export const rowBytes = ({ kvHeads, headSize, stages }: CacheGeometry): number =>
  stages.reduce((tensors, names) => tensors + names.length, 0) * kvHeads * headSize * 4

/**
 * A cache on WASM: the tensors that one run returned, passed on to the next one. Output tensors cannot be allocated
 * beforehand there (they come back as zeros), and the tensors are never written to: two caches may share them.
 */
export class WasmCache implements KeyValueCache {
  readonly #ort: OrtRuntime
  readonly #geometry: CacheGeometry
  #rows = 0
  #past: Record<string, OrtTensor>[]

  constructor(ort: OrtRuntime, geometry: CacheGeometry) {
    this.#ort = ort
    this.#geometry = geometry
    this.#past = this.#cut(0)
  }

  get rows(): number {
    return this.#rows
  }

  get bytes(): number {
    return this.bytesWith(this.#rows)
  }

  bytesWith(rows: number): number {
    return rows * rowBytes(this.#geometry)
  }

  /** The tensors of a stage by the graph's input names. */
  past(stage: number): Readonly<Record<string, OrtTensor>> {
    return this.#past[stage]!
  }

  /** Takes the outputs of a run of all stages, which hold so many rows. */
  advance(rows: number, outputs: readonly Readonly<Record<string, OrtTensor>>[]): void {
    this.#past = this.#geometry.stages.map((names, stage) =>
      Object.fromEntries(names.map(({ past, present }) => [past, outputs[stage]![present]!])),
    )
    this.#rows = rows
  }

  truncate(rows: number): void {
    if (rows >= this.#rows) return
    this.#past = this.#cut(rows)
    this.#rows = rows
  }

  fork(rows: number): WasmCache {
    const copy = new WasmCache(this.#ort, this.#geometry)
    copy.#rows = Math.min(rows, this.#rows)
    copy.#past = rows >= this.#rows ? this.#past : this.#cut(rows)
    return copy
  }

  free(): void {
    this.truncate(0)
  }

  /** The first rows of every tensor. */
  #cut(rows: number): Record<string, OrtTensor>[] {
    const { kvHeads, headSize, stages } = this.#geometry
    const shape = [1, kvHeads, rows, headSize]
    const [from, to] = [this.#rows * headSize, rows * headSize]
    return stages.map((names, stage) =>
      Object.fromEntries(
        names.map(({ past }) => {
          const values = new Float32Array(kvHeads * to)
          if (rows > 0) {
            const source = this.#past[stage]![past]!.data as Float32Array
            for (let head = 0; head < kvHeads; head++) {
              values.set(source.subarray(head * from, head * from + to), head * to)
            }
          }
          return [past, new this.#ort.Tensor('float32', values, shape)]
        }),
      ),
    )
  }
}
