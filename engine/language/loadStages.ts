import { OpentabError } from '../../protocol/errors.ts'
import type { LanguageModel, LanguageStage, StageRange } from '../../protocol/language.ts'
import type { ServedModel } from '../../protocol/manifest.ts'
import { decodeWeightFile } from '../../protocol/weights/weightFile.ts'
import { guardOf } from '../onnx/ortGuard.ts'
import type { OrtSession } from '../onnx/ortRuntime.ts'
import type { LanguageBackend } from './languageBackend.ts'
import type { LoadedStage } from './loadedStage.ts'
import type { StageChain } from './stageChain.ts'
import { type EmbeddingTable, embeddingTable, externalFiles } from './stageWeights.ts'

/** A run of stages that can run. */
export interface LoadedStages {
  chain: StageChain
  /** Null where the run does not begin the model. */
  embedding: EmbeddingTable | null
  /** A shorter run of these stages, on the same sessions; its chain is made when it is first asked for. */
  part(range: StageRange): LoadedStages
  /** Its chain and those of the parts that were asked for. */
  chains(): readonly StageChain[]
  /** Gives the sessions back, after what waits for its turn. */
  release(): Promise<void>
}

type ReadShard = (sha256: string) => Promise<Uint8Array<ArrayBuffer>>

/**
 * Makes the sessions of a run of stages, one stage after the other: of a stage that is made only the packed embedding is
 * kept beside the session. Other work of the backend goes on between two stages.
 * @throws OpentabError `model_failed`, `out_of_memory`, and what `readShard` throws
 */
export async function loadStages(
  backend: LanguageBackend,
  { manifest }: ServedModel,
  model: LanguageModel,
  range: StageRange,
  readShard: ReadShard,
): Promise<LoadedStages> {
  const stages: LoadedStage[] = []
  let embedding: EmbeddingTable | null = null
  const guard = guardOf(backend.ort)
  const releaseSessions = () =>
    guard.inTurn(async () => {
      if (!guard.broken) for (const { session } of stages) await session.release()
    })
  try {
    for (let index = range.first; index <= range.last; index++) {
      const stage = model.stages[index]!
      const loaded = await loadStage(backend, `stage ${index} of ${manifest.id}`, model, stage, readShard)
      stages.push({ stage, session: loaded.session })
      embedding ??= loaded.embedding
    }
  } catch (error) {
    await releaseSessions()
    throw error
  }
  const parts = new Map<string, LoadedStages>()
  const partOf = ({ first, last }: StageRange): LoadedStages => {
    const known = parts.get(`${first}-${last}`)
    if (known) return known
    const own = stages.slice(first - range.first, last + 1 - range.first)
    const made: LoadedStages = {
      chain: backend.createChain(model, { first, last }, own),
      embedding: first === range.first ? embedding : null,
      part: partOf,
      chains: () => [...parts.values()].map(({ chain }) => chain),
      async release() {
        for (const { chain } of parts.values()) await chain.release()
        await releaseSessions()
      },
    }
    parts.set(`${first}-${last}`, made)
    return made
  }
  return partOf(range)
}

async function loadStage(
  backend: LanguageBackend,
  what: string,
  model: LanguageModel,
  stage: LanguageStage,
  readShard: ReadShard,
): Promise<{ session: OrtSession; embedding: EmbeddingTable | null }> {
  const graph = (backend.packed && stage.packedGraph) || stage.graph
  const graphBytes = await readShard(graph.sha256)
  const tensors = readWeights(what, await readShard(stage.weights.sha256))
  const embedding = stage.embedding === null ? null : embeddingTable(what, stage.embedding, tensors, model)
  const { ort } = backend
  const guard = guardOf(ort)
  const session = await guard.inTurn(() =>
    guard.attempt(
      () => `Loading ${what} (${stage.weights.bytes} bytes of weights)`,
      () =>
        ort.InferenceSession.create(graphBytes, {
          ...backend.sessionOptions(),
          externalData: externalFiles(tensors.values()),
        }),
    ),
  )
  return { session, embedding }
}

function readWeights(what: string, file: Uint8Array): ReturnType<typeof decodeWeightFile> {
  try {
    return decodeWeightFile(file)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new OpentabError('model_failed', `The weights of ${what} cannot be read: ${reason}`, { cause })
  }
}
