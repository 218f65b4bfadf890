import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TensorProto_DataLocation as Location, TensorProto_DataType as Type } from 'onnx-buf'
import { packBlocks } from '../../../protocol/weights/packBlocks.ts'
import {
  type AttributeValue,
  buildModel,
  int64,
  type NodeInit,
  node,
  type TensorInit,
  valueInfo,
} from '../../onnx/buildModel.ts'
import { frequenciesOf } from '../reference/rotate.ts'
import { tinyFolder } from './tinyFiles.ts'
import type { TinyModel } from './tinyModel.ts'

/** How an export holds its matrices. */
export interface TinyExportOptions {
  /** Floats, or MatMulNBits and GatherBlockQuantized in blocks of 32 with 4 or 8 bits. */
  weights?: 'f32' | 'f16' | 'q4' | 'q8'
  /** Whether 4-bit blocks have zero points of their own. */
  zeroPoints?: boolean
  /** Whether scales are rounded to halves, so that GGUF's blocks hold them without loss. */
  halfScales?: boolean
  /** Whether query, key and value are one matrix. */
  fused?: boolean
  /** Whether constants stand in a file beside the graph. */
  external?: boolean
}

const MICROSOFT = new Set([
  'GroupQueryAttention',
  'MatMulNBits',
  'GatherBlockQuantized',
  'SkipSimplifiedLayerNormalization',
])
const BLOCK = 32

/**
 * A tiny llama, qwen2 or qwen3 as onnxruntime-genai's model builder would have exported it: names, operators and layouts
 * as there, and a graph that ONNX Runtime runs (but for `f16`, whose constants alone are halves).
 */
export class TinyOnnxExport {
  readonly #model: TinyModel
  readonly #options: Required<TinyExportOptions>
  readonly #nodes: NodeInit[] = []
  readonly #constants = new Map<
    string,
    { type: keyof typeof Type; shape: readonly number[]; bytes: Uint8Array<ArrayBuffer> }
  >()

  constructor(model: TinyModel, options: TinyExportOptions = {}) {
    this.#model = model
    this.#options = {
      weights: 'f32',
      zeroPoints: false,
      halfScales: true,
      fused: false,
      external: false,
      ...options,
    }
    this.#build()
  }

  /** The files by name; the graph is `onnx/model.onnx`. */
  files(): Map<string, Uint8Array> {
    const all = tinyFolder(this.#model)
    all.delete('model.safetensors')
    const data: Uint8Array[] = []
    let offset = 0
    const initializers = [...this.#constants].map(([name, { type, shape, bytes }]): TensorInit => {
      const common = { name, dataType: Type[type], dims: shape.map(BigInt) }
      if (!this.#options.external) return { ...common, rawData: bytes }
      data.push(bytes)
      offset += bytes.length
      return {
        ...common,
        dataLocation: Location.EXTERNAL,
        externalData: [
          { key: 'location', value: 'model.onnx_data' },
          { key: 'offset', value: String(offset - bytes.length) },
          { key: 'length', value: String(bytes.length) },
        ],
      }
    })
    const { num_hidden_layers: layers, num_key_value_heads: kvHeads, head_dim: headSize } = this.#model.config
    const cache = (prefix: string, length: string) =>
      Array.from({ length: layers }, (_, layer) =>
        ['key', 'value'].map((part) =>
          valueInfo(`${prefix}.${layer}.${part}`, ['b', kvHeads, length, headSize]),
        ),
      ).flat()
    const graph = buildModel({
      nodes: this.#nodes,
      inputs: [
        valueInfo('input_ids', ['b', 's'], 'INT64'),
        valueInfo('attention_mask', ['b', 't'], 'INT64'),
        ...cache('past_key_values', 'p'),
      ],
      outputs: [valueInfo('logits', ['b', 's', this.#model.config.vocab_size]), ...cache('present', 't')],
      initializers: [...initializers, int64('one', [1]), int64('axis', [1])],
      irVersion: 10,
      model: {
        opsetImport: [
          { domain: '', version: 21n },
          { domain: 'com.microsoft', version: 1n },
        ],
      },
    })
    const files = new Map<string, Uint8Array>(all)
    files.set('onnx/model.onnx', graph)
    if (data.length > 0) files.set('onnx/model.onnx_data', new Uint8Array(Buffer.concat(data)))
    return files
  }

  async write(folder: string): Promise<string> {
    await mkdir(join(folder, 'onnx'), { recursive: true })
    for (const [name, bytes] of this.files()) await writeFile(join(folder, name), bytes)
    return join(folder, 'onnx', 'model.onnx')
  }

  #op(
    type: string,
    name: string,
    inputs: readonly string[],
    attributes: Record<string, AttributeValue> = {},
    outputs = [`${name}/output_0`],
  ): string {
    this.#nodes.push({
      ...node(type, inputs, outputs, attributes),
      name,
      ...(MICROSOFT.has(type) && { domain: 'com.microsoft' }),
    })
    return outputs[0]!
  }

  #build(): void {
    const { config } = this.#model
    const layers = config.num_hidden_layers
    const [heads, kvHeads, headSize] = [
      config.num_attention_heads,
      config.num_key_value_heads,
      config.head_dim,
    ]
    const epsilon = { float: config.rms_norm_eps }
    const summed = this.#op('ReduceSum', '/model/mask/ReduceSum', ['attention_mask', 'axis'])
    const last = this.#op('Sub', '/model/mask/Sub', [summed, 'one'])
    const seqlens = this.#op('Cast', '/model/mask/Cast', [last], { to: Type.INT32 })
    const length = this.#op('Shape', '/model/mask/Shape', ['attention_mask'], { start: 1, end: 2 })
    const total = this.#op(
      'Cast',
      '/model/mask/Cast_1',
      [this.#op('Squeeze', '/model/mask/Squeeze', [length])],
      { to: Type.INT32 },
    )
    this.#rotations()

    let skip = this.#embedding()
    let normed = this.#op(
      'SimplifiedLayerNormalization',
      '/model/layers.0/input_layernorm/LayerNorm',
      [skip, this.#vector('model.layers.0.input_layernorm.weight')],
      { axis: -1, epsilon, stash_type: 1 },
    )
    /** Adds to the residual stream and norms the sum. */
    const skipNorm = (added: string, name: string, weight: string): void => {
      const path = `/model/${name}/SkipLayerNorm`
      const outputs = [`${path}/output_0`, '', '', `${path}/output_3`]
      normed = this.#op(
        'SkipSimplifiedLayerNormalization',
        path,
        [skip, added, this.#vector(weight, `model.${name.replaceAll('/', '.')}.weight`)],
        { epsilon },
        outputs,
      )
      skip = outputs[3]!
    }
    for (let layer = 0; layer < layers; layer++) {
      const at = `layers.${layer}`
      const qkv = this.#options.fused
        ? [
            this.#projection(
              `${at}/attn/qkv_proj`,
              ['q', 'k', 'v'].map((part) => `model.${at}.self_attn.${part}_proj`),
              normed,
            ),
            '',
            '',
          ]
        : ['q', 'k', 'v'].map((part) =>
            this.#headNorm(
              this.#projection(`${at}/attn/${part}_proj`, [`model.${at}.self_attn.${part}_proj`], normed),
              layer,
              part,
            ),
          )
      const attended = this.#op(
        'GroupQueryAttention',
        `/model/${at}/attn/GroupQueryAttention`,
        [
          ...qkv,
          `past_key_values.${layer}.key`,
          `past_key_values.${layer}.value`,
          seqlens,
          total,
          'cos_cache',
          'sin_cache',
        ],
        {
          num_heads: heads,
          kv_num_heads: kvHeads,
          scale: { float: headSize ** -0.5 },
          do_rotary: 1,
          rotary_interleaved: 0,
        },
        [`/model/${at}/attn/output`, `present.${layer}.key`, `present.${layer}.value`],
      )
      skipNorm(
        this.#projection(`${at}/attn/o_proj`, [`model.${at}.self_attn.o_proj`], attended),
        `${at}/post_attention_layernorm`,
        `model.${at}.post_attention_layernorm.weight`,
      )
      const gate = this.#projection(`${at}/mlp/gate_proj`, [`model.${at}.mlp.gate_proj`], normed)
      const up = this.#projection(`${at}/mlp/up_proj`, [`model.${at}.mlp.up_proj`], normed)
      const activated = this.#op('Mul', `/model/${at}/mlp/act_fn/Mul`, [
        gate,
        this.#op('Sigmoid', `/model/${at}/mlp/act_fn/Sigmoid`, [gate]),
      ])
      const down = this.#projection(
        `${at}/mlp/down_proj`,
        [`model.${at}.mlp.down_proj`],
        this.#op('Mul', `/model/${at}/mlp/Mul`, [activated, up]),
      )
      const isLast = layer === layers - 1
      skipNorm(
        down,
        isLast ? `layers.${layers}/final_norm_layernorm` : `layers.${layer + 1}/input_layernorm`,
        isLast ? 'model.norm.weight' : `model.layers.${layer + 1}.input_layernorm.weight`,
      )
    }
    const head = config.tie_word_embeddings ? 'model.embed_tokens' : 'lm_head'
    this.#matmul('/lm_head/MatMul', [head], normed, 'logits')
  }

  #rotations(): void {
    const { head_dim: headSize, rope_theta: base, max_position_embeddings: positions } = this.#model.config
    const frequencies = frequenciesOf(base, headSize, null)
    for (const part of ['cos', 'sin'] as const) {
      const table = Float32Array.from({ length: positions * frequencies.length }, (_, i) =>
        Math[part](Math.floor(i / frequencies.length) * frequencies[i % frequencies.length]!),
      )
      this.#constant(`${part}_cache`, 'FLOAT', [positions, frequencies.length], new Uint8Array(table.buffer))
    }
  }

  #embedding(): string {
    const { shape, values } = this.#model.tensors.get('model.embed_tokens.weight')!
    if (!this.#options.weights.startsWith('q')) {
      this.#floats('model.embed_tokens.weight', shape, values)
      return this.#op('Gather', '/model/embed_tokens/Gather', ['model.embed_tokens.weight', 'input_ids'])
    }
    const inputs = this.#blocks('model_embed_tokens_weight', shape[0]!, shape[1]!, values, [shape[0]!, -1])
    return this.#op(
      'GatherBlockQuantized',
      '/model/embed_tokens/GatherBlockQuantized',
      [inputs[0]!, 'input_ids', ...inputs.slice(1)],
      {
        bits: this.#options.weights === 'q8' ? 8 : 4,
        block_size: BLOCK,
        gather_axis: 0,
        quantize_axis: 1,
      },
    )
  }

  /** A matmul and, in qwen2, the bias after it. */
  #projection(path: string, sources: readonly string[], input: string): string {
    const product = this.#matmul(`/model/${path}/MatMul`, sources, input)
    const biases = sources.flatMap((source) => {
      const bias = this.#model.tensors.get(`${source}.bias`)
      return bias ? [...bias.values] : []
    })
    if (biases.length === 0) return product
    const name = `model.${path.replaceAll('/', '.')}.Add.bias`
    this.#floats(name, [biases.length], Float32Array.from(biases))
    return this.#op('Add', `/model/${path}/Add`, [product, name])
  }

  #matmul(path: string, sources: readonly string[], input: string, output = `${path}/output_0`): string {
    const matrices = sources.map((source) => this.#model.tensors.get(`${source}.weight`)!)
    const columns = matrices[0]!.shape[1]!
    const values = Float32Array.from(matrices.flatMap((matrix) => [...matrix.values]))
    const rows = values.length / columns
    const weight = `${path.slice(1).replaceAll('/', '.')}.weight`
    if (!this.#options.weights.startsWith('q')) {
      const turned = Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!)
      this.#floats(weight, [columns, rows], turned)
      return this.#op('MatMul', path, [input, weight], {}, [output])
    }
    const bits = this.#options.weights === 'q8' ? 8 : 4
    const inputs = this.#blocks(weight.replaceAll('.', '_'), rows, columns, values, [
      rows,
      columns / BLOCK,
      -1,
    ])
    return this.#op(
      'MatMulNBits',
      `${path}_Quant`,
      [input, ...inputs],
      { K: columns, N: rows, bits, block_size: BLOCK },
      [output],
    )
  }

  #headNorm(matrix: string, layer: number, part: string): string {
    const source = `model.layers.${layer}.self_attn.${part}_norm.weight`
    if (!this.#model.tensors.has(source)) return matrix
    const path = `/model/layers.${layer}/attn/${part}_norm`
    const shapes = {
      heads: [0, -1, this.#model.config.head_dim],
      rows: [
        0,
        -1,
        (part === 'q' ? this.#model.config.num_attention_heads : this.#model.config.num_key_value_heads) *
          this.#model.config.head_dim,
      ],
    }
    for (const [name, shape] of Object.entries(shapes)) {
      this.#constant(
        `${path}/${name}`,
        'INT64',
        [3],
        new Uint8Array(BigInt64Array.from(shape, BigInt).buffer),
      )
    }
    const heads = this.#op('Reshape', `${path}/Reshape_1`, [matrix, `${path}/heads`])
    const weight = this.#vector(source, `model.layers.${layer}.attn.${part}_norm.layernorm.weight`)
    const normed = this.#op(
      'SimplifiedLayerNormalization',
      `${path}/SimplifiedLayerNormalization`,
      [heads, weight],
      {
        axis: -1,
        epsilon: { float: this.#model.config.rms_norm_eps },
        stash_type: 1,
      },
    )
    return this.#op('Reshape', `${path}/Reshape_2`, [normed, `${path}/rows`])
  }

  #vector(source: string, name = source): string {
    const { shape, values } = this.#model.tensors.get(source)!
    this.#floats(name, shape, values)
    return name
  }

  #floats(name: string, shape: readonly number[], values: Float32Array): void {
    const isHalf = this.#options.weights === 'f16'
    this.#constant(
      name,
      isHalf ? 'FLOAT16' : 'FLOAT',
      shape,
      new Uint8Array(packBlocks(isHalf ? 'f16' : 'f32', values)),
    )
  }

  #constant(
    name: string,
    type: keyof typeof Type,
    shape: readonly number[],
    bytes: Uint8Array<ArrayBuffer>,
  ): void {
    this.#constants.set(name, { type, shape, bytes })
  }

  /** Codes, scales and zero points of a matrix; their names. */
  #blocks(
    name: string,
    rows: number,
    columns: number,
    values: Float32Array,
    codeShape: readonly number[],
  ): string[] {
    const bits = this.#options.weights === 'q8' ? 8 : 4
    const [middle, most] = bits === 8 ? [128, 255] : [8, 15]
    const perRow = columns / BLOCK
    const codes = new Uint8Array((rows * columns * bits) / 8)
    const scales = new Float32Array(rows * perRow)
    const zeros = new Uint8Array(rows * Math.ceil(perRow / 2)).fill(0x88)
    for (let block = 0; block < scales.length; block++) {
      const part = values.subarray(block * BLOCK, (block + 1) * BLOCK)
      const largest = Math.max(...part.map(Math.abs))
      const zero = this.#options.zeroPoints ? 5 + (block % 5) : middle
      const scale = Math.fround(largest / Math.min(zero, most - zero))
      scales[block] = this.#options.halfScales ? Math.fround(Math.round(scale * 1024) / 1024) : scale
      for (const [j, value] of part.entries()) {
        const code = Math.max(0, Math.min(most, Math.round(value / scales[block]!) + zero))
        const i = block * BLOCK + j
        if (bits === 8) codes[i] = code
        else codes[i >> 1]! |= code << (4 * (i & 1))
      }
      const [row, inRow] = [Math.floor(block / perRow), block % perRow]
      const at = row * Math.ceil(perRow / 2) + (inRow >> 1)
      if (this.#options.zeroPoints)
        zeros[at] = (zeros[at]! & ~(15 << (4 * (inRow & 1)))) | (zero << (4 * (inRow & 1)))
    }
    const whole = codeShape.map((size) =>
      size === -1 ? codes.length / codeShape.reduce((a, b) => (b === -1 ? a : a * b), 1) : size,
    )
    this.#constant(`${name}_quant`, 'UINT8', whole, codes)
    this.#constant(
      `${name}_scales`,
      'FLOAT',
      codeShape.length === 2 ? [rows, perRow] : [rows * perRow],
      new Uint8Array(scales.buffer),
    )
    if (!this.#options.zeroPoints) return [`${name}_quant`, `${name}_scales`]
    this.#constant(
      `${name}_zp`,
      'UINT8',
      codeShape.length === 2 ? [rows, Math.ceil(perRow / 2)] : [zeros.length],
      zeros,
    )
    return [`${name}_quant`, `${name}_scales`, `${name}_zp`]
  }
}
