import type { GraphProto, NodeProto } from 'onnx-buf'
import { packedBytes } from '../../../protocol/weights/blockFormats.ts'
import { expandBlocks } from '../../../protocol/weights/expandBlocks.ts'
import { quotedName, refuseWeights } from '../../../protocol/weights/refuseWeights.ts'
import type { SourceTensor } from '../weightSource.ts'
import { type BlockMatrix, expandMatrix, repackingOf, repackMatrix } from './blockMatrix.ts'
import { normOf, projectionOf } from './exportNames.ts'
import type { Initializer, Initializers } from './initializers.ts'
import { transposed } from './transposed.ts'

/** An export's weights under Hugging Face's names, with rows as there. */
export interface ExportTensors {
  /** As they are stored: floats, and blocks of GGUF's formats. */
  kept: SourceTensor[]
  /** Of those whose blocks are stored with a loss, the values before. */
  exact: SourceTensor[]
  /** Whether the head is the embedding. */
  isTied: boolean
}

/** A matrix in the two forms. */
interface Matrix {
  kept: SourceTensor
  exact: SourceTensor | null
}

/**
 * @throws OpentabError `model_refused` for a matmul or a norm whose place in the model is not known, and for a form of
 * quantisation that is not read
 */
export async function exportTensors(graph: GraphProto, initializers: Initializers): Promise<ExportTensors> {
  const attention = graph.node.filter(({ opType }) => opType === 'GroupQueryAttention')
  const out: ExportTensors = { kept: [], exact: [], isTied: true }
  const put = ({ kept, exact }: Matrix): void => {
    out.kept.push(kept)
    if (exact) out.exact.push(exact)
  }
  let headData = ''
  let embeddingData = ''
  for (const node of graph.node) {
    switch (node.opType) {
      case 'Gather':
      case 'GatherBlockQuantized': {
        if (node.input[1] !== 'input_ids') break
        embeddingData = dataOf(graph, node.input[0]!)
        put(await embeddingOf(node, embeddingData, initializers))
        break
      }
      case 'MatMul':
      case 'MatMulNBits': {
        const place = projectionOf(node.name)
        if (!place) throw unknown(node)
        const matrix = await projectionMatrix(node, `${place.name}.weight`, initializers)
        if (place.name === 'lm_head') headData = node.input[1]!
        if (place.isFused) for (const part of splitRows(matrix, attention[0]!)) put(part)
        else put(matrix)
        break
      }
      case 'Add': {
        const place = projectionOf(node.name)
        const bias = node.input.find((name) => initializers.has(name))
        if (!place || bias === undefined) break
        const vector = { kept: floats(initializers.get(bias), `${place.name}.bias`), exact: null }
        for (const part of place.isFused ? splitRows(vector, attention[0]!) : [vector]) put(part)
        break
      }
      case 'SimplifiedLayerNormalization':
      case 'SkipSimplifiedLayerNormalization': {
        const constant = node.input[node.opType === 'SimplifiedLayerNormalization' ? 1 : 2]!
        const name = normOf(constant, attention.length)
        if (name === null) throw unknown(node)
        out.kept.push(floats(initializers.get(constant), name))
        break
      }
      case 'Gemm':
      case 'QMoE':
      case 'MoE':
        throw unknown(node)
    }
  }
  if (headData === '')
    throw refuseWeights('The export has no node "/lm_head/MatMul", which makes the logits.')
  return { ...out, isTied: dataOf(graph, headData) === embeddingData }
}

const unknown = ({ opType, name }: NodeProto): Error =>
  refuseWeights(
    `${opType} ${quotedName(name)} is at a place in the model that is not known here.`,
    'Import the safetensors folder of the model instead.',
  )

/** The constant behind a tensor, through the reshape of a shared embedding. */
function dataOf(graph: GraphProto, name: string): string {
  const maker = graph.node.find(({ output }) => output.includes(name))
  return maker?.opType === 'Reshape' ? maker.input[0]! : name
}

const formats = { FLOAT: 'f32', FLOAT16: 'f16', BFLOAT16: 'bf16' } as const

function formatOf({ name, type }: Initializer): 'f32' | 'f16' | 'bf16' {
  if (type !== 'UINT8' && type !== 'INT64') return formats[type]
  throw refuseWeights(
    `Tensor ${quotedName(name)} is ${type}; FLOAT, FLOAT16 and BFLOAT16 are read at its place.`,
  )
}

const floats = (constant: Initializer, name: string): SourceTensor => ({
  name,
  format: formatOf(constant),
  shape: constant.shape,
  read: constant.read,
})

async function embeddingOf(node: NodeProto, data: string, initializers: Initializers): Promise<Matrix> {
  const name = 'model.embed_tokens.weight'
  const constant = initializers.get(data)
  if (node.opType === 'Gather') return { kept: floats(constant, name), exact: null }
  const [, , scalesName = '', zerosName = ''] = node.input
  const scales = initializers.get(scalesName)
  const rows = scales.shape[0]!
  const blockElements = integer(node, 'block_size', 128)
  const columns = (scales.shape.reduce((product, size) => product * size, 1) / rows) * blockElements
  return blockMatrix({ node, name, rows, columns, constant, scales, zerosName, initializers })
}

async function projectionMatrix(node: NodeProto, name: string, initializers: Initializers): Promise<Matrix> {
  const constant = initializers.get(node.input[1]!)
  if (node.opType === 'MatMulNBits') {
    const [, , scalesName = '', zerosName = '', ...others] = node.input
    if (others.some((input) => input !== '')) {
      throw refuseWeights(
        `MatMulNBits ${quotedName(node.name)} has a group index or a bias, which are not read.`,
      )
    }
    const [rows, columns] = [integer(node, 'N', 0), integer(node, 'K', 0)]
    const scales = initializers.get(scalesName)
    return blockMatrix({ node, name, rows, columns, constant, scales, zerosName, initializers })
  }
  const format = formatOf(constant)
  const [inputs, outputs] = constant.shape as readonly [number, number]
  const read = async () => transposed(await constant.read(), [inputs, outputs], format === 'f32' ? 4 : 2)
  return { kept: { name, format, shape: [outputs, inputs], read }, exact: null }
}

const integer = ({ attribute }: NodeProto, key: string, otherwise: number): number => {
  const found = attribute.find(({ name }) => name === key)
  return found ? Number(found.i) : otherwise
}

interface Blocks {
  node: NodeProto
  name: string
  rows: number
  columns: number
  constant: Initializer
  scales: Initializer
  zerosName: string
  initializers: Initializers
}

/** A matrix in blocks: in GGUF's where they have room for it, else as f32. */
async function blockMatrix({
  node,
  name,
  rows,
  columns,
  constant,
  scales,
  zerosName,
  initializers,
}: Blocks): Promise<Matrix> {
  const bits = integer(node, 'bits', 4)
  const blockElements = integer(node, 'block_size', 128)
  const elements = rows * columns
  const codesOf = (count: number): number => (count * bits) / 8
  const isWhole =
    (bits === 4 || bits === 8) &&
    constant.type === 'UINT8' &&
    columns % blockElements === 0 &&
    constant.shape.reduce((product, size) => product * size, 1) === codesOf(elements) &&
    scales.shape.reduce((product, size) => product * size, 1) === elements / blockElements
  if (!isWhole) {
    throw refuseWeights(
      `${node.opType} ${quotedName(node.name)} has ${bits} bits in blocks of ${blockElements} over ${constant.type} [${constant.shape.join(', ')}], which cannot be read as [${rows}, ${columns}].`,
    )
  }
  const zeros = zerosName === '' ? null : initializers.get(zerosName)
  if (zeros && zeros.type !== 'UINT8') {
    throw refuseWeights(`Tensor ${quotedName(zeros.name)} is ${zeros.type}; zero points of UINT8 are read.`)
  }
  const outline = {
    name,
    rows,
    columns,
    bits: bits as 4 | 8,
    blockElements,
    scales: expandBlocks(formatOf(scales), await scales.read()),
    zeros: zeros ? await zeros.read() : null,
  }
  const matrix = async (): Promise<BlockMatrix> => ({ ...outline, codes: await constant.read() })
  const shape = [rows, columns]
  const expanded: SourceTensor = {
    name,
    format: 'f32',
    shape,
    read: async () => new Uint8Array(expandMatrix(await matrix()).buffer),
  }
  const repacking = repackingOf(outline)
  if (!repacking) return { kept: expanded, exact: null }
  const { format, isLossless } = repacking
  return {
    kept: { name, format, shape, read: async () => repackMatrix(await matrix(), repacking) },
    exact: isLossless ? null : expanded,
  }
}

/** Query, key and value out of one tensor, by the heads of the attention that reads them. */
function splitRows({ kept, exact }: Matrix, attention: NodeProto): Matrix[] {
  const [heads, kvHeads] = [integer(attention, 'num_heads', 0), integer(attention, 'kv_num_heads', 0)]
  const headSize = kept.shape[0]! / (heads + 2 * kvHeads)
  const counts = { q: heads * headSize, k: kvHeads * headSize, v: kvHeads * headSize }
  let from = 0
  return Object.entries(counts).map(([part, rows]) => {
    const [begin, end] = [from, from + rows]
    from = end
    const slice = (tensor: SourceTensor): SourceTensor => {
      const rowElements = tensor.shape[1] ?? 1
      const bytesOf = (count: number): number => packedBytes(tensor.format, count * rowElements)
      return {
        name: tensor.name.replace('qkv_proj', `${part}_proj`),
        format: tensor.format,
        shape: [rows, ...tensor.shape.slice(1)],
        read: async () => (await tensor.read()).subarray(bytesOf(begin), bytesOf(end)),
      }
    }
    return { kept: slice(kept), exact: exact && slice(exact) }
  })
}
