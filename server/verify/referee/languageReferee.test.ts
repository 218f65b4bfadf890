import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as ort from 'onnxruntime-web'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type BackendLanguageRunner,
  createLanguageRunner,
} from '../../../engine/language/createLanguageRunner.ts'
import { fixtureModel } from '../../../engine/language/fixtureModel.ts'
import { answerOptions, generateTask, stageTask } from '../../../engine/language/fixtureTasks.ts'
import { wasmBackend } from '../../../engine/language/languageBackend.ts'
import { committedOutputs, optionsTensor } from '../../../protocol/generation.ts'
import { type ServedModel, shardsOf } from '../../../protocol/manifest.ts'
import type { TokenLogprobs } from '../../../protocol/sampling/logprobsOf.ts'
import type { StageTask } from '../../../protocol/task.ts'
import { elementsOf, type Tensor, tensorOf } from '../../../protocol/tensor.ts'
import { headInputs, idsTensor, madeTokens, tokenTensors } from '../../language/answerTensors.ts'
import { createReferee, type Referee } from './createReferee.ts'

const PROMPT = [1, 5, 9, 2, 30, 7]
const never = new AbortController().signal

const files = new Map<string, string>()
let folder = ''
let model: ServedModel
let runner: BackendLanguageRunner
let referee: Referee

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opentab-language-referee-'))
  const fixture = await fixtureModel('llama', { stages: 2 })
  model = fixture.model
  for (const { sha256 } of shardsOf(model.manifest)) {
    files.set(sha256, join(folder, sha256))
    await writeFile(join(folder, sha256), await fixture.readShard(sha256))
  }
  ort.env.wasm.numThreads = 1
  runner = createLanguageRunner(
    wasmBackend(ort),
    () => Promise.reject(new Error('no constraint was expected')),
    { cacheBytes: 1e8 },
  )
  await runner.load(model, { first: 0, last: 1 }, fixture.readShard)
  referee = createReferee({
    registry: {
      byHash: (hash) => (hash === model.hash ? model : undefined),
      pathOf: (sha256) => files.get(sha256),
    },
  })
}, 60_000)

afterAll(async () => {
  await referee.close()
  await runner.dispose()
  await rm(folder, { recursive: true })
})

const ints = (outputs: readonly Tensor[], name: string): number[] => [
  ...(elementsOf(outputs.find((each) => each.name === name)!) as Int32Array),
]
const changed = (outputs: readonly Tensor[], ...changes: Tensor[]): Tensor[] =>
  outputs.map((tensor) => changes.find(({ name }) => name === tensor.name) ?? tensor)

describe('the check of an answer', () => {
  const options = { maxTokens: 8, topLogprobs: 2 } as const
  const honest = async (changes: Parameters<typeof generateTask>[2] = {}) => {
    const task = generateTask(model, PROMPT, { ...options, ...changes })
    return { task, outputs: committedOutputs(await runner.generate(task, () => {}, never)) }
  }

  it.each([
    ['greedy', {}],
    ['drawn', { sampling: { temperature: 1.2, topP: 0.9, seed: [7, 8] as [number, number] } }],
  ])('passes an honest one as scored: %s', async (_, changes) => {
    const { task, outputs } = await honest(changes)
    expect(await referee.check(task, outputs)).toEqual({ ok: true, verdict: 'text-scored' })
  })

  it('passes one that another tab began', async () => {
    const { outputs } = await honest()
    const task = generateTask(model, PROMPT, options, ints(outputs, 'ids').slice(0, 3))
    const rest = committedOutputs(await runner.generate(task, () => {}, never))
    expect(await referee.check(task, rest)).toEqual({ ok: true, verdict: 'text-scored' })
  })

  it('rejects one with a changed token, and says which', async () => {
    const { task, outputs } = await honest()
    const ids = ints(outputs, 'ids')
    const wrong = changed(outputs, idsTensor('ids', ids.with(4, (ids[4]! + 1) % 64)))
    expect(await referee.check(task, wrong)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('Token 4 of the answer is'),
    })
  })

  it('scores one that was broken off as far as it came, and says at which token it is wrong', async () => {
    const { task, outputs } = await honest()
    const { ids, logprobs } = madeTokens(outputs)
    const brokenOff = (some: readonly number[]): Tensor[] =>
      tokenTensors(some, null, logprobs!.slice(0, some.length) as TokenLogprobs[], 2)
    expect(await referee.check(task, brokenOff(ids.slice(0, 5)))).toEqual({
      ok: true,
      verdict: 'text-scored',
    })
    const wrong = ids.slice(0, 5).with(3, (ids[3]! + 1) % 64)
    expect(await referee.check(task, brokenOff(wrong))).toMatchObject({ ok: false, place: 3 })
  })

  it('rejects one that is cut off and says that it stopped', async () => {
    const { task, outputs } = await honest({ topLogprobs: null, endTokens: [2] })
    const ids = ints(outputs, 'ids').slice(0, 3)
    const wrong = changed(outputs, idsTensor('ids', ids), idsTensor('finish', [0]))
    expect(await referee.check(task, wrong)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('The answer ends before token 3'),
    })
  })

  it('rejects one whose log-probabilities are swapped', async () => {
    const { task, outputs } = await honest({ sampling: { temperature: 1.2, seed: [7, 8] } })
    const own = elementsOf(outputs.find(({ name }) => name === 'logprobs')!) as Float32Array
    const [high, low] = [own.indexOf(Math.max(...own)), own.indexOf(Math.min(...own))]
    expect(own[high]! - own[low]!, 'they differ').toBeGreaterThan(0.1)
    const swapped = own.with(high, own[low]!).with(low, own[high]!)
    const wrong = changed(outputs, tensorOf('logprobs', 'FP32', [8], swapped))
    expect(await referee.check(task, wrong)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('log-probability'),
    })
  })

  it('is not made of a model that is not served, or damaged: nobody’s fault', async () => {
    const { task, outputs } = await honest()
    await expect(referee.check({ ...task, model: 'ab'.repeat(32) }, outputs)).rejects.toMatchObject({
      code: 'model_not_found',
    })
    const { sha256 } = model.manifest.language!.stages[0]!.weights
    const damaged = createReferee({
      registry: {
        byHash: () => model,
        pathOf: (wanted) =>
          wanted === sha256 ? files.get(model.manifest.language!.tokenizer.sha256) : files.get(wanted),
      },
    })
    await expect(damaged.check(task, outputs)).rejects.toMatchObject({ code: 'wrong_hash' })
    await damaged.close()
  })
})

describe('the check of a step', () => {
  /** A sequence through two stages: the tasks of a later step, its outputs, and what went into each stage so far. */
  async function sequence(session: number) {
    const options = optionsTensor(answerOptions())
    const chunks = [PROMPT, [11], [12]]
    const hidden: Tensor[] = []
    const steps: { task: StageTask; outputs: Tensor[]; history: () => Promise<Tensor[]> }[] = []
    let position = 0
    for (const rows of chunks) {
      const first = stageTask(model, 0, session, position, [idsTensor('ids', rows)])
      const middle = await runner.stage(first, never)
      const ids = chunks.flat().slice(0, position + rows.length)
      steps.push({ task: first, outputs: middle, history: async () => [idsTensor('ids', ids)] })
      hidden.push(middle[0]!)
      const tail = [...middle, ...headInputs(options, false, ids, PROMPT.length)]
      const last = stageTask(model, 1, session, position, tail)
      const whole = rowsOf([...hidden])
      steps.push({ task: last, outputs: await runner.stage(last, never), history: async () => [whole] })
      position += rows.length
    }
    return steps
  }
  const rowsOf = (parts: readonly Tensor[]): Tensor => ({
    ...parts[0]!,
    shape: [parts.reduce((sum, { shape }) => sum + shape[0]!, 0), parts[0]!.shape[1]!],
    bytes: new Uint8Array(Buffer.concat(parts.map(({ bytes }) => bytes))),
  })

  it('passes each one of an honest sequence as computed again', async () => {
    for (const { task, outputs, history } of await sequence(1))
      expect(await referee.check(task, outputs, history)).toEqual({ ok: true, verdict: 'recomputed' })
  })

  it('rejects hidden states that are off, and says where', async () => {
    const { task, outputs, history } = (await sequence(2))[2]!
    const values = (elementsOf(outputs[0]!) as Float32Array).slice()
    values[5]! += 0.1
    expect(
      await referee.check(task, [tensorOf('hidden', 'FP32', outputs[0]!.shape, values)], history),
    ).toMatchObject({
      ok: false,
      reason: expect.stringContaining('Element [0,5] of hidden'),
    })
  })

  it('rejects another token than the pick', async () => {
    const { task, outputs, history } = (await sequence(3))[5]!
    const [id] = ints(outputs, 'ids')
    const wrong = changed(outputs, idsTensor('ids', [(id! + 1) % 64]))
    expect(await referee.check(task, wrong, history)).toMatchObject({ ok: false })
  })

  it('rejects the step of another sequence', async () => {
    const [, , step] = await sequence(4)
    const outputs = (await sequence(5))[4]!.outputs
    expect(await referee.check(step!.task, outputs, step!.history)).toMatchObject({ ok: false })
  })

  it('is not made when its sequence is gone: nobody’s fault', async () => {
    const { task, outputs } = (await sequence(6))[2]!
    for (const history of [undefined, async () => [idsTensor('ids', [])], async () => []])
      await expect(referee.check(task, outputs, history)).rejects.toMatchObject({ code: 'check_unavailable' })
  })
})
