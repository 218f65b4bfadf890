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

/** The engine of a tab's compute worker with nothing around it: no relay, no socket, no second worker. */
export interface BareChat {
  /**
   * Fetches a run of stages into the store and makes its sessions.
   * @returns ms from the store, where the bytes lie already, to ready
   */
  load(options: { model: ServedModel; range: StageRange; threads: number }): Promise<number>
  generate(options: { prompt: number[]; options: GenerateOptions }): Promise<BareGeneration>
}
