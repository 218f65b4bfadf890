import type { LanguageStage } from '../../protocol/language.ts'
import type { OrtRuntime, OrtSession } from '../onnx/ortRuntime.ts'

export type SessionOptions = NonNullable<Parameters<OrtRuntime['InferenceSession']['create']>[1]>

/** A stage whose session can run. */
export interface LoadedStage {
  stage: LanguageStage
  session: OrtSession
}

/** Names of the cache's tensors of one stage: what goes in, and what it comes out as. */
export function cacheNames({ layers: [begin, end] }: LanguageStage): { past: string; present: string }[] {
  const names: { past: string; present: string }[] = []
  for (let layer = begin; layer < end; layer++) {
    for (const part of ['k', 'v']) {
      names.push({ past: `past.${layer}.${part}`, present: `present.${layer}.${part}` })
    }
  }
  return names
}
