import { hash } from 'node:crypto'
import { finishCodes, type GenerateOptions, greedyOptions, optionsOf } from '../../protocol/generation.ts'
import type { LanguageModel, StageRange } from '../../protocol/language.ts'
import type { Manifest, Shard } from '../../protocol/manifest.ts'
import { pcg } from '../../protocol/seededInputs.ts'
import type { GenerateTask, StageTask } from '../../protocol/task.ts'
import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import type { ServedLanguageModel } from '../placement/assignModels.ts'
import { idsTensor } from './answerTensors.ts'

/** Sizes of a fake model, where they are not as usual. */
export interface FakeModelSizes {
  id?: string
  stages?: number
  /** Expanded bytes of each stage. */
  stageBytes?: number
  contextTokens?: number
  hidden?: LanguageModel['hidden']
  width?: number
  vocabulary?: number
}

const shard = (text: string, bytes: number): Shard => ({ sha256: hash('sha256', text, 'hex'), bytes })

/** A language model without arithmetic: its stages fold what they see into a number a row. One layer a stage. */
export function fakeModel({
  id = 'fake-chat',
  stages = 3,
  stageBytes = 1000,
  contextTokens = 4096,
  hidden = 'f32',
  width = 4,
  vocabulary = 1000,
}: FakeModelSizes = {}): ServedLanguageModel {
  const language: LanguageModel = {
    family: 'llama',
    layers: stages,
    width,
    heads: 1,
    kvHeads: 1,
    headSize: 1,
    feedForward: 4,
    vocabulary,
    contextTokens,
    embeddingScale: 1,
    windows: Array.from({ length: stages }, () => null),
    layerMultiplyAdds: Array.from({ length: stages }, () => 100_000),
    stages: Array.from({ length: stages }, (_, i) => ({
      layers: [i, i + 1] as const,
      graph: shard(`${id} graph ${i}`, 10),
      packedGraph: null,
      weights: shard(`${id} weights ${i}`, 100),
      expandedBytes: stageBytes,
      embedding: i === 0 ? 'embedding' : null,
      head: i === stages - 1,
    })),
    hidden,
    tokenizer: shard(`${id} tokenizer`, 5),
    chatTemplate: null,
    generation: { endTokens: [0], beginToken: null },
    weightsRoot: hash('sha256', `${id} root`, 'hex'),
    sourceSha256: hash('sha256', `${id} source`, 'hex'),
    measured: null,
  }
  const manifest: Manifest & { language: LanguageModel } = {
    v: 1,
    id,
    kind: 'chat',
    graphs: [],
    language,
    files: {},
    licence: 'unknown',
    source: 'made for tests',
  }
  return { hash: hash('sha256', JSON.stringify(manifest), 'hex'), manifest }
}

/** Options of an answer of `maxTokens`, nothing else asked for. */
export function fakeOptions(maxTokens: number, changes: Partial<GenerateOptions> = {}): GenerateOptions {
  const greedy = greedyOptions(maxTokens)
  return { ...greedy, sampling: { ...greedy.sampling, seed: [1, 2] }, ...changes }
}

/** What a stage has folded so far: 24 bits, so that a float holds it. */
const fold = (stage: number, state: number, input: number): number =>
  pcg((pcg((state * 31 + input) >>> 0) + stage) >>> 0) >>> 8

/** The pick after a row: goes by the row, the seed, and the token's place in the answer. */
const pickAfter = (
  { vocabulary }: LanguageModel,
  options: GenerateOptions,
  row: number,
  place: number,
): number => pcg((row + options.sampling.seed[1] + pcg(place)) >>> 0) % vocabulary

/** The tokens of an answer, as any right tab makes them, with the end. */
export function fakeAnswer(
  { manifest: { language } }: ServedLanguageModel,
  prompt: readonly number[],
  options: GenerateOptions,
): { ids: number[]; finish: 'stop' | 'length' } {
  const states: number[] = new Array<number>(language.stages.length).fill(0)
  const ids: number[] = []
  let last = 0
  const run = (id: number): void => {
    let value = id
    for (const [stage, state] of states.entries()) value = states[stage] = fold(stage, state, value)
    last = value
  }
  for (const id of prompt) run(id)
  while (ids.length < options.maxTokens) {
    const id = pickAfter(language, options, last, ids.length)
    if (options.endTokens.includes(id)) return { ids, finish: 'stop' }
    ids.push(id)
    run(id)
  }
  return { ids, finish: 'length' }
}

interface Kept {
  rows: number
  states: number[]
}

/** Runs the fake model as a tab does, with its caches: a step at a place of which it holds no cache is refused. */
export class FakeRunner {
  readonly #model: ServedLanguageModel
  readonly #sessions = new Map<string, Kept>()
  /** Rows computed so far, over all stages. */
  rows = 0

  constructor(model: ServedLanguageModel) {
    this.#model = model
  }

  /** The right outputs of a `generate` task. */
  generate({ inputs }: GenerateTask): Tensor[] {
    const options = optionsOf(inputs)
    const { ids, finish } = fakeAnswer(this.#model, intsOf(inputs, 'prompt'), options)
    const given = intsOf(inputs, 'given')
    return tokenOutputs([...given, ...ids.slice(given.length)], finish, options, given.length)
  }

  /** The outputs of one step; `cache_missing` where the session does not hold exactly the rows before it. */
  stage(task: StageTask): Tensor[] | 'cache_missing' {
    const { first, last, session, position, inputs } = task
    const { language } = this.#model.manifest
    const key = `${session}/${first}-${last}`
    const kept = position === 0 ? { rows: 0, states: [] } : this.#sessions.get(key)
    if (!kept || kept.rows !== position) return 'cache_missing'
    const rows = first === 0 ? intsOf(inputs, 'ids') : rowValues(inputs, language)
    const out: number[] = []
    for (const row of rows) {
      let value = row
      for (let stage = first; stage <= last; stage++)
        value = kept.states[stage] = fold(stage, kept.states[stage] ?? 0, value)
      out.push(value)
    }
    kept.rows += rows.length
    this.rows += rows.length
    this.#sessions.set(key, kept)
    if (!language.stages[last]!.head) return hiddenOutputs(out, language)
    const options = optionsOf(inputs)
    const place = kept.rows - intsOf(inputs, 'prompt')[0]!
    const id = pickAfter(language, options, out.at(-1)!, place)
    return options.endTokens.includes(id)
      ? tokenOutputs([], 'stop', options, 0)
      : tokenOutputs([id], 'length', options, 0)
  }

  /** Loses every cache. */
  forget(): void {
    this.#sessions.clear()
  }
}

/** Outputs of a step whose inputs are known from the first row on: what a check compares with. */
export function fakeStep(model: ServedLanguageModel, task: StageTask, history: readonly Tensor[]): Tensor[] {
  const runner = new FakeRunner(model)
  const extra = task.inputs.filter(({ name }) => ['options', 'history', 'prompt'].includes(name))
  if (task.position > 0)
    runner.stage({ ...task, position: 0, inputs: [...cut(history, 0, task.position), ...extra] })
  const outputs = runner.stage({ ...task, inputs: task.inputs })
  if (outputs === 'cache_missing') throw new Error('the history does not lead up to the step')
  return outputs
}

function cut(tensors: readonly Tensor[], from: number, to: number): Tensor[] {
  return tensors.map((tensor) => {
    const rowBytes = tensor.bytes.byteLength / tensor.shape[0]!
    return {
      ...tensor,
      shape: [to - from, ...tensor.shape.slice(1)],
      bytes: tensor.bytes.slice(from * rowBytes, to * rowBytes),
    }
  })
}

/** The same stages, run by whichever tab holds them. */
export const runsOf = (model: ServedLanguageModel, ...ranges: StageRange[]): [string, number, number][] =>
  ranges.map(({ first, last }) => [model.hash, first, last])

const intsOf = (tensors: readonly Tensor[], name: string): number[] => [
  ...(elementsOf(tensors.find((tensor) => tensor.name === name)!) as Int32Array),
]

/** Rows of hidden states: the number stands in their first 24 bits of whatever form. */
function rowValues(inputs: readonly Tensor[], { hidden, width }: LanguageModel): number[] {
  const tensor = inputs.find(({ name }) => name === 'hidden')!
  const values = elementsOf(tensor) as Float32Array
  return Array.from({ length: tensor.shape[0]! }, (_, row) => {
    if (hidden === 'f32') return values[row * width]!
    const digits = Array.from({ length: 3 }, (_, i) => values[row * width + i]! & 0xff)
    return digits[0]! * 65536 + digits[1]! * 256 + digits[2]!
  })
}

function hiddenOutputs(rows: readonly number[], { hidden, width }: LanguageModel): Tensor[] {
  const shape = [rows.length, width]
  if (hidden === 'f32') {
    const values = new Float32Array(rows.length * width)
    for (const [row, value] of rows.entries()) values[row * width] = value
    return [tensorOf('hidden', 'FP32', shape, values)]
  }
  const digitsOf = (value: number): number[] => [value >> 16, (value >> 8) & 0xff, value & 0xff]
  if (hidden === 'f16') {
    const values = new Uint16Array(rows.length * width)
    for (const [row, value] of rows.entries()) values.set(digitsOf(value), row * width)
    return [tensorOf('hidden', 'FP16', shape, values)]
  }
  const codes = new Int8Array(rows.length * width)
  for (const [row, value] of rows.entries()) codes.set(digitsOf(value), row * width)
  const blocks = Math.ceil(width / 64)
  const scales = new Uint16Array(rows.length * blocks).fill(0x3c00)
  return [tensorOf('hidden', 'INT8', shape, codes), tensorOf('scales', 'FP16', [rows.length, blocks], scales)]
}

function tokenOutputs(
  ids: readonly number[],
  finish: keyof typeof finishCodes,
  { topLogprobs }: GenerateOptions,
  given: number,
): Tensor[] {
  const outputs = [idsTensor('ids', ids), idsTensor('finish', [finishCodes[finish]])]
  if (topLogprobs === null) return outputs
  const count = ids.length
  const own = Float32Array.from(ids, (id, place) => (place < given ? Number.NaN : -((id % 7) + 1) / 8))
  const top = Array.from({ length: count * topLogprobs }, (_, i) => i % topLogprobs)
  return [
    ...outputs,
    tensorOf('logprobs', 'FP32', [count], own),
    tensorOf('top_ids', 'INT32', [count, topLogprobs], Int32Array.from(top)),
    tensorOf(
      'top_logprobs',
      'FP32',
      [count, topLogprobs],
      Float32Array.from(top, (rank) => -1 - rank),
    ),
  ]
}
