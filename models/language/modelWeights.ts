import type { WeightFormat } from '../../protocol/weights/blockFormats.ts'
import { expandBlocks } from '../../protocol/weights/expandBlocks.ts'
import { packBlocks } from '../../protocol/weights/packBlocks.ts'
import { quotedName, refuseWeights } from '../../protocol/weights/refuseWeights.ts'
import type { Architecture } from './architecture.ts'
import { families } from './families/families.ts'
import type { FamilyRow, WeightRole } from './families/familyRow.ts'
import { ggufSettings } from './families/ggufSettings.ts'
import { huggingFaceSettings } from './families/huggingFaceSettings.ts'
import { rotaryFrequencies } from './families/rotaryFrequencies.ts'
import type { Settings } from './families/settings.ts'
import { tensorNames } from './families/tensorNames.ts'
import { halfSplitRows } from './weightRows.ts'
import type { SourceTensor, WeightSource } from './weightSource.ts'

/** A weight as graphs and reference take it: rows in half-split rotary order, norms without an offset. */
export interface Weight {
  /** Name in the source, for messages. */
  source: string
  format: WeightFormat
  shape: readonly number[]
  /** Packed bytes, u8[packedBytes(format, elements)]. @throws OpentabError `model_refused` */
  read(): Promise<Uint8Array>
}

/** A model's architecture and its weights by their part in it. */
export interface ModelWeights {
  architecture: Architecture
  /** `layer` for the parts that every layer has. The head of a tied model is its embedding. */
  weight(role: WeightRole, layer?: number): Weight
}

/** Roles that every layer has, with the shape of each; the others stand once. */
type Shapes = Partial<Record<WeightRole, readonly number[]>>

/**
 * Finds out what a GGUF, a Hugging Face folder or an ONNX export holds and that it holds all of it, in the right shapes, and nothing
 * that would be left unread.
 * @param config the parsed config.json; null for a GGUF, whose metadata are its configuration
 * @throws OpentabError `model_refused` naming the family, the field or the tensor and the numbers
 */
export async function openModelWeights(
  source: WeightSource,
  config: Readonly<Record<string, unknown>> | null,
): Promise<ModelWeights> {
  const layout = config === null ? 'gguf' : 'hugging-face'
  const row = config === null ? ggufFamily(source.metadata) : huggingFaceFamily(config)
  const factorsTensor = layout === 'gguf' ? source.tensors.get('rope_freqs.weight') : undefined
  const factors = factorsTensor ? await floatsOf(factorsTensor) : null
  const settings =
    config === null ? ggufSettings(source.metadata, row, factors) : huggingFaceSettings(config, row)
  const names = tensorNames(row, layout)
  // Exports hold the sum, as GGUF files do.
  const offset = source.kind === 'onnx' ? 0 : row.normOffset
  const prefix = layout === 'gguf' ? '' : prefixOf(source, row, names.embedding)
  const nameOf = (role: WeightRole, layer: number): string => prefix + names[role].replace('N', String(layer))
  const architecture = architectureOf(row, settings, source, nameOf)
  const layerShapes = shapesOfLayer(architecture)
  const shapes: Shapes = { ...layerShapes, ...shapesAround(architecture) }

  const read = new Set(['rope_freqs.weight'])
  const require = (role: WeightRole, layer: number): void => {
    read.add(nameOf(role, layer))
    requireShape(source, nameOf(role, layer), shapes[role]!)
  }
  for (const role of Object.keys(shapesAround(architecture)) as WeightRole[]) require(role, 0)
  for (let layer = 0; layer < architecture.layers; layer++) {
    for (const role of Object.keys(layerShapes) as WeightRole[]) require(role, layer)
  }
  // A file may spell out the head that is its embedding.
  if (architecture.tiedHead) read.add(nameOf('head', 0))
  refuseUnread(source, row, read)

  return {
    architecture,
    weight(role, layer = 0) {
      const isTied = role === 'head' && architecture.tiedHead
      const name = nameOf(isTied ? 'embedding' : role, layer)
      const tensor = source.tensors.get(name)!
      return layout === 'gguf' ? ofGguf(tensor, role, row, architecture) : ofHuggingFace(tensor, offset)
    },
  }
}

function huggingFaceFamily(config: Readonly<Record<string, unknown>>): FamilyRow {
  const row = families.find(({ modelTypes }) => modelTypes.includes(String(config.model_type)))
  if (row) return row
  throw refuseWeights(
    `config.json describes a model of the type ${quotedName(String(config.model_type))}; ${known(families.flatMap(({ modelTypes }) => modelTypes))} are known.`,
    'Choose a model of a known family.',
  )
}

function ggufFamily(metadata: ReadonlyMap<string, unknown>): FamilyRow {
  const name = String(metadata.get('general.architecture'))
  const row = families.find(({ ggufArchitecture }) => ggufArchitecture === name)
  if (row) return row
  throw refuseWeights(
    `The GGUF file is of the architecture ${quotedName(name)}; ${known(families.map(({ ggufArchitecture }) => ggufArchitecture))} are known.`,
    'Choose a model of a known family.',
  )
}

const known = (names: readonly string[]): string => [...new Set(names)].join(', ')

/** What stands before every name of the folder. */
function prefixOf(source: WeightSource, { prefixes }: FamilyRow, embedding: string): string {
  return prefixes.find((prefix) => source.tensors.has(prefix + embedding)) ?? ''
}

function architectureOf(
  row: FamilyRow,
  settings: Settings,
  source: WeightSource,
  nameOf: (role: WeightRole, layer: number) => string,
): Architecture {
  const { heads, kvHeads, headSize, width } = settings
  if (heads % kvHeads !== 0) {
    throw refuseWeights(`The model has ${heads} heads, which do not share ${kvHeads} key/value heads evenly.`)
  }
  if (headSize % 8 !== 0)
    throw refuseWeights(`The model has heads of ${headSize} elements, no multiple of 8.`)
  const embedding = tensorOf(source, nameOf('embedding', 0))
  const vocabulary = embedding.shape[0]!
  if (settings.vocabulary !== null && settings.vocabulary !== vocabulary) {
    throw refuseWeights(
      `config.json has a vocab_size of ${settings.vocabulary}, and ${quotedName(embedding.name)} is [${embedding.shape.join(', ')}].`,
    )
  }
  const rotations = [settings.rope, ...(settings.windowRope ? [settings.windowRope] : [])]
  return {
    family: row.family,
    layers: settings.layers,
    width,
    heads,
    kvHeads,
    headSize,
    feedForward: settings.feedForward,
    vocabulary,
    contextTokens: settings.contextTokens,
    epsilon: settings.epsilon,
    attentionScale: settings.attentionScale,
    embeddingScale: row.scaledEmbedding ? roundToBrain(Math.sqrt(width)) : 1,
    activation: row.activation,
    qkvBias: row.qkvBias,
    qkNorm: row.qkNorm,
    postNorms: row.postNorms,
    tiedHead: settings.tiedHead ?? !source.tensors.has(nameOf('head', 0)),
    windows: settings.windows,
    rotations: rotations.map(({ base, scaling }) => rotaryFrequencies(base, headSize, scaling)),
    rotationOf: settings.windows.map((window) => (window !== null && settings.windowRope ? 1 : 0)),
  }
}

const shapesAround = (a: Architecture): Shapes => ({
  embedding: [a.vocabulary, a.width],
  finalNorm: [a.width],
  ...(!a.tiedHead && { head: [a.vocabulary, a.width] }),
})

function shapesOfLayer(a: Architecture): Shapes {
  const [queries, keys] = [a.heads * a.headSize, a.kvHeads * a.headSize]
  return {
    attentionNorm: [a.width],
    query: [queries, a.width],
    key: [keys, a.width],
    value: [keys, a.width],
    ...(a.qkvBias && { queryBias: [queries], keyBias: [keys], valueBias: [keys] }),
    ...(a.qkNorm && { queryNorm: [a.headSize], keyNorm: [a.headSize] }),
    attentionOutput: [a.width, queries],
    ...(a.postNorms && { postAttentionNorm: [a.width] }),
    feedForwardNorm: [a.width],
    gate: [a.feedForward, a.width],
    up: [a.feedForward, a.width],
    down: [a.width, a.feedForward],
    ...(a.postNorms && { postFeedForwardNorm: [a.width] }),
  }
}

function tensorOf(source: WeightSource, name: string): SourceTensor {
  const tensor = source.tensors.get(name)
  if (tensor) return tensor
  throw refuseWeights(
    `The model has no tensor ${quotedName(name)}.`,
    'The file is of another architecture than it says, or a part of it is missing.',
  )
}

function requireShape(source: WeightSource, name: string, shape: readonly number[]): void {
  const tensor = tensorOf(source, name)
  if (tensor.shape.join() === shape.join()) return
  throw refuseWeights(
    `Tensor ${quotedName(name)} is [${tensor.shape.join(', ')}]; by the model's configuration it must be [${shape.join(', ')}].`,
    'Take the configuration and the weights from the same model.',
  )
}

/** A tensor that nothing reads would be a part of the model left out in silence. */
function refuseUnread(source: WeightSource, row: FamilyRow, read: ReadonlySet<string>): void {
  const left = [...source.tensors.keys()].filter(
    (name) =>
      !read.has(name) &&
      !row.ignoredPrefixes.some((prefix) => name.startsWith(prefix)) &&
      !name.endsWith('rotary_emb.inv_freq'),
  )
  if (left.length === 0) return
  throw refuseWeights(
    `Tensor ${quotedName(left[0]!)}${left.length > 1 ? ` and ${left.length - 1} others have` : ' has'} no place in a model of the family ${row.family}.`,
    'The model differs from its family in a way that is not known here.',
  )
}

async function ofGgufRows(tensor: SourceTensor, headSize: number): Promise<Uint8Array> {
  const [rows, rowElements = 1] = tensor.shape as [number, number?]
  return halfSplitRows(await tensor.read(), tensor.format, [rows, rowElements], headSize)
}

function ofGguf(tensor: SourceTensor, role: WeightRole, row: FamilyRow, { headSize }: Architecture): Weight {
  const { name, format, shape } = tensor
  const turned = row.interleavedInGguf && (role === 'query' || role === 'key')
  const read = turned ? () => ofGgufRows(tensor, headSize) : () => tensor.read()
  return shape.length === 1 ? asFloats(tensor, 0) : { source: name, format, shape, read }
}

function ofHuggingFace(tensor: SourceTensor, normOffset: number): Weight {
  const { name, format, shape } = tensor
  if (shape.length !== 1) return { source: name, format, shape, read: () => tensor.read() }
  return asFloats(tensor, name.endsWith('norm.weight') ? normOffset : 0)
}

/** Norms and biases are small: they are kept as f32 whatever the file has. */
const asFloats = (tensor: SourceTensor, offset: number): Weight => ({
  source: tensor.name,
  format: 'f32',
  shape: tensor.shape,
  async read() {
    const values = await floatsOf(tensor)
    for (let i = 0; offset !== 0 && i < values.length; i++) values[i]! += offset
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  },
})

const floatsOf = async (tensor: SourceTensor): Promise<Float32Array> =>
  expandBlocks(tensor.format, await tensor.read())

/** The bf16 nearest to a number. */
const roundToBrain = (value: number): number =>
  expandBlocks('bf16', packBlocks('bf16', Float32Array.of(value)))[0]!
