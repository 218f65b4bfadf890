import type { GenerateOptions } from '../../protocol/generation.ts'
import type { StageRange } from '../../protocol/language.ts'
import type { ServedModel } from '../../protocol/manifest.ts'

/** One generation as it was seen from the page's own worker. */
export interface BareGeneration {
  ids: number[]
  /** From the call to the first token, ms. */
  firstMs: number
  /** From the first token to the last, ms. */
  decodeMs: number
}

/** ms of a prompt with the first token, and of the other tokens together. */
export interface BareDecoded {
  firstMs: number
  decodeMs: number
}

/**
 * What a bare page's worker does: the engine of a tab with nothing around it (no relay, no socket, no second worker), or
 * the model's graphs on ONNX Runtime Web with nothing around them.
 */
export interface BareChat {
  /**
   * Fetches a run of stages into the store and makes its sessions.
   * @returns ms from the store, where the bytes lie already, to ready
   */
  load(options: { model: ServedModel; range: StageRange; threads: number }): Promise<number>
  generate(options: { prompt: number[]; options: GenerateOptions }): Promise<BareGeneration>
  /** Makes the sessions of all stages. */
  loadGraphs(options: { model: ServedModel; threads: number }): Promise<void>
  /** Reads a prompt and decodes the likeliest tokens one by one. */
  decodeGraphs(options: { prompt: number[]; tokens: number }): Promise<BareDecoded>
}
