import type { LanguageModel, StageRange } from '../../protocol/language.ts'
import type { OrtRuntime, OrtTensor } from '../onnx/ortRuntime.ts'
import { chainInTurn } from './chainInTurn.ts'
import { cacheNames, type LoadedStage } from './loadedStage.ts'
import type { StageChain } from './stageChain.ts'
import { WasmCache } from './wasmCache.ts'

/** The loaded stages of a run on ONNX Runtime's WASM backend; hidden states go from one to the next as they came out. */
export function createWasmChain(
  ort: OrtRuntime,
  model: LanguageModel,
  range: StageRange,
  stages: readonly LoadedStage[],
): StageChain {
  const { width, kvHeads, headSize } = model
  const geometry = { kvHeads, headSize, stages: stages.map(({ stage }) => cacheNames(stage)) }

  async function runStages(cache: WasmCache, hidden: Float32Array, logitRows: number): Promise<Float32Array> {
    const rows = hidden.length / width
    const total = cache.rows + rows
    const shared = {
      seqlens_k: new ort.Tensor('int32', Int32Array.of(total - 1), [1]),
      total_seq_len: new ort.Tensor('int32', Int32Array.of(total), []),
    }
    const wanted = { logit_rows: new ort.Tensor('int64', BigInt64Array.of(BigInt(logitRows)), [1]) }
    let current: OrtTensor = new ort.Tensor('float32', hidden, [1, rows, width])
    const outputs: Record<string, OrtTensor>[] = []
    for (const [at, { stage, session }] of stages.entries()) {
      const feeds = { hidden_in: current, ...shared, ...(stage.head && wanted), ...cache.past(at) }
      const results = (await session.run(feeds)) as Record<string, OrtTensor>
      current = results[stage.head ? 'logits' : 'hidden_out']!
      outputs.push(results)
    }
    cache.advance(total, outputs)
    return current.data as Float32Array
  }

  return chainInTurn<WasmCache>(ort, model, range, stages, {
    newCache: () => new WasmCache(ort, geometry),
    run: runStages,
  })
}
