import type { StageRange } from '../../protocol/language.ts'

/** Keys and values of one sequence in the layers of a run of stages. */
export interface KeyValueCache {
  /** Rows of the sequence that it holds. */
  readonly rows: number
  /** Bytes that it takes. */
  readonly bytes: number
  /** Bytes that it would take with so many rows. */
  bytesWith(rows: number): number
  /** Forgets the rows from this one on; without effect where it has no more than these. */
  truncate(rows: number): void
  /** A cache of its own with the first rows. */
  fork(rows: number): KeyValueCache
  /** Gives the memory back; it has no rows then, and can be filled again. */
  free(): void
}

/** A run of a model's stages with their weights, on one backend. */
export interface StageChain {
  readonly range: StageRange
  newCache(): KeyValueCache
  /**
   * Computes the rows that come after those in the cache, and adds them to it; waits its turn on the backend. After a
   * failure the cache is as before.
   * @param hidden f32[S, width], S from 1 to MAX_ROWS
   * @param logitRows where the run has the head: rows from the end whose logits are wanted, 0 to S
   * @param into may be filled and returned where it has the right length
   * @returns f32[S, width], or where the run has the head f32[logitRows, vocabulary]; it is the caller's
   * @throws OpentabError `model_failed`, `out_of_memory`, `device_lost`
   */
  run(
    cache: KeyValueCache,
    hidden: Float32Array,
    logitRows: number,
    into?: Float32Array,
  ): Promise<Float32Array>
  /** Runs no more, after what waits for its turn. The sessions are whoever's made them. */
  release(): Promise<void>
}

/** Most rows of one run: what a prompt is cut into. */
export const MAX_ROWS = 64
