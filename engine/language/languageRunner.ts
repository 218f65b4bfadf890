import type { StageRange } from '../../protocol/language.ts'
import type { ServedModel } from '../../protocol/manifest.ts'
import type { GenerateTask, StageTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'

/** Tokens of an answer as they are made. */
export interface TokenChunk {
  /** Place of the first of these in the answer. */
  from: number
  ids: number[]
  /** Where they were asked for: each token's own log-probability, and [id, log-probability] of the alternatives. */
  logprobs?: [number, [number, number][]][]
}

export interface LanguageRunnerOptions {
  /** Bytes that the caches of conversations may take; the least recently used goes first. */
  cacheBytes: number
}

/**
 * Runs language models: whole answers and single stages. Calls may overlap: answers under way take turns token by token,
 * one operation on the backend at a time.
 */
export interface LanguageRunner {
  /**
   * Makes the sessions of a run of stages; another run of the same model that is loaded is given up first.
   * `readShard` gives the shards of `shardsOf(manifest, range, packed)` for the runner's own `packed`; each is read once.
   * @throws OpentabError `wrong_hash`, `model_failed`, `out_of_memory`
   */
  load(
    model: ServedModel,
    range: StageRange,
    readShard: (sha256: string) => Promise<Uint8Array<ArrayBuffer>>,
  ): Promise<void>
  /** Whether this runner reads stages' packed graphs (hardware WebGPU). */
  readonly packed: boolean
  unload(modelHash: string): Promise<void>
  /** Runs that can run now: [manifest hash, range]. */
  loaded(): [string, StageRange][]
  /**
   * Makes a whole answer; the model must be loaded whole. `onTokens` hears of every token once, in order, before the
   * promise resolves. Aborting ends it within one token. The outputs are those of protocol/generation.ts, followed by
   * `cached` INT32[1]: prompt tokens that were in a cache of this runner and were not computed again.
   * @throws OpentabError `model_not_found`, `invalid_value`, `context_length_exceeded`, `cancelled`, `model_failed`,
   * `out_of_memory`, `device_lost`
   */
  generate(task: GenerateTask, onTokens: (chunk: TokenChunk) => void, signal: AbortSignal): Promise<Tensor[]>
  /** One step of a run of stages: the one that is loaded, or a part of it. @throws as `generate`, and `cache_missing` */
  stage(task: StageTask, signal: AbortSignal): Promise<Tensor[]>
  /** Forgets a session's cache. */
  forget(modelHash: string, session: number): void
  dispose(): Promise<void>
}
