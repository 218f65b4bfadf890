import { OpentabError } from '../../protocol/errors.ts'
import type { LanguageModel, StageRange } from '../../protocol/language.ts'
import { guardOf } from '../onnx/ortGuard.ts'
import type { OrtRuntime } from '../onnx/ortRuntime.ts'
import type { LoadedStage } from './loadedStage.ts'
import type { KeyValueCache, StageChain } from './stageChain.ts'

/** What a backend does of a chain; called one at a time. */
export interface ChainParts<Cache extends KeyValueCache> {
  newCache(): Cache
  run(
    cache: Cache,
    hidden: Float32Array<ArrayBuffer>,
    logitRows: number,
    into?: Float32Array,
  ): Promise<Float32Array>
  /** Gives back what is the backend's own; the sessions are not. */
  release?(): void
}

/** A chain whose calls wait for their turn on the runtime, and whose errors are ones for people. */
export function chainInTurn<Cache extends KeyValueCache>(
  ort: OrtRuntime,
  { width, vocabulary }: LanguageModel,
  range: StageRange,
  stages: readonly LoadedStage[],
  parts: ChainParts<Cache>,
): StageChain {
  const guard = guardOf(ort)
  const hasHead = stages.at(-1)!.stage.head
  let released = false
  return {
    range,
    newCache: () => parts.newCache(),
    run: (cache, hidden, logitRows, into) =>
      guard.inTurn(() => {
        if (released) {
          throw new OpentabError('model_not_found', 'The model was unloaded while it was at work.')
        }
        return guard.attempt(
          () =>
            `Running stages ${range.first} to ${range.last} on ${hidden.length / width} rows after ${cache.rows}` +
            (hasHead ? ` for ${logitRows}x${vocabulary} logits` : ''),
          () => parts.run(cache as Cache, hidden as Float32Array<ArrayBuffer>, logitRows, into),
        )
      }),
    release: () =>
      guard.inTurn(async () => {
        released = true
        parts.release?.()
      }),
  }
}
