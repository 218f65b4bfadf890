import type { LanguageStage } from '../../../protocol/language.ts'
import type { Shard } from '../../../protocol/manifest.ts'
import { refuseWeights } from '../../../protocol/weights/refuseWeights.ts'
import { weightFileLayout } from '../../../protocol/weights/weightFile.ts'
import type { ModelWeights } from '../modelWeights.ts'
import { expandedBytes, hasPackedForm, stageGraph } from './stageGraph.ts'
import { EMBEDDING, type StageOutline, type StageTensor, stageWeights } from './stageWeights.ts'

/** Stores bytes and names them by their hash. */
export type StoreShard = (content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) => Promise<Shard>

/**
 * Writes a stage's graphs and its weight file. At most one tensor is in memory at a time.
 * @param onBytes hears how many more bytes of weights were read
 */
export async function writeStage(
  model: ModelWeights,
  outline: StageOutline,
  store: StoreShard,
  onBytes: (bytes: number) => void = () => {},
): Promise<LanguageStage> {
  const { architecture } = model
  const [begin, end] = outline.layers
  const tensors = stageWeights(model, outline)
  const head = end === architecture.layers
  const graphOf = (form: 'expanded' | 'packed') => store([stageGraph(architecture, outline, tensors, form)])
  return {
    layers: outline.layers,
    graph: await graphOf('expanded'),
    packedGraph: hasPackedForm(tensors) ? await graphOf('packed') : null,
    weights: await store(weightFile(tensors, onBytes)),
    expandedBytes: expandedBytes(tensors, head),
    embedding: begin === 0 ? EMBEDDING : null,
    head,
  }
}

async function* weightFile(
  tensors: readonly StageTensor[],
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const layout = weightFileLayout(tensors)
  yield layout.header
  for (const [i, tensor] of tensors.entries()) {
    const bytes = await tensor.read()
    const size = layout.tensors[i]!
    if (bytes.length !== size.bytes) {
      throw refuseWeights(`Tensor ${tensor.name} was read as ${bytes.length} bytes instead of ${size.bytes}.`)
    }
    yield bytes
    if (size.padding > 0) yield new Uint8Array(size.padding)
    onBytes(bytes.length)
  }
}
