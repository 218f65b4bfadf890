import type { RopeScaling } from './rotaryFrequencies.ts'

/** What a model file says about its architecture, in one vocabulary: read from config.json or from GGUF metadata. */
export interface Settings {
  layers: number
  width: number
  heads: number
  kvHeads: number
  headSize: number
  feedForward: number
  /** Null where the file leaves it to the embedding's shape. */
  vocabulary: number | null
  contextTokens: number
  epsilon: number
  attentionScale: number
  /** Null where the file leaves it to whether a head is there. */
  tiedHead: boolean | null
  rope: RopeSettings
  /** Of layers with a window, where the family turns them by other angles. */
  windowRope: RopeSettings | null
  /** Keys that a layer sees; null where it sees all. One entry a layer. */
  windows: readonly (number | null)[]
}

export interface RopeSettings {
  base: number
  scaling: RopeScaling
}
