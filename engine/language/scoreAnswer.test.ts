import * as ort from 'onnxruntime-web'
import { expect, it } from 'vitest'
import type { Tensor } from '../../protocol/tensor.ts'
import { answerOutputs } from './answerOutputs.ts'
import { createLanguageRunner } from './createLanguageRunner.ts'
import { fixtureModel } from './fixtureModel.ts'
import { never, noConstraints, prompt } from './fixtureSuite.ts'
import { type FixtureAnswerOptions, generateTask, output } from './fixtureTasks.ts'
import { wasmBackend } from './languageBackend.ts'
import { scoreAnswer } from './scoreAnswer.ts'

ort.env.wasm.numThreads = 1

async function open(contextTokens = 256) {
  const { model, readShard, greedy } = await fixtureModel('llama', { stages: 2, contextTokens })
  const runner = createLanguageRunner(wasmBackend(ort), noConstraints, { cacheBytes: 1e8 })
  await runner.load(model, { first: 0, last: 1 }, readShard)
  const run = runner.run(model.hash, 'whole')
  return {
    greedy,
    run,
    model,
    generate: (options: FixtureAnswerOptions, given: number[] = [], ids: readonly number[] = prompt) =>
      runner.generate(generateTask(model, ids, options, given), () => {}, never),
    score: async (
      outputs: readonly Tensor[],
      options: FixtureAnswerOptions,
      given: number[] = [],
      ids: readonly number[] = prompt,
    ) => (await scoreAnswer(run, generateTask(model, ids, options, given), outputs, never))?.reason ?? null,
    placeOf: async (outputs: readonly Tensor[], options: FixtureAnswerOptions) =>
      (await scoreAnswer(run, generateTask(model, prompt, options), outputs, never))?.place ?? null,
    close: () => runner.dispose(),
  }
}

const made = (ids: readonly number[], finish: 'stop' | 'length' = 'length') =>
  answerOutputs({ ids, finish, topLogprobs: null, logprobs: [] })

it.each<[string, FixtureAnswerOptions]>([
  ['greedy', {}],
  ['drawn', { sampling: { temperature: 1.4, seed: [9, 1] } }],
  ['drawn from few', { sampling: { temperature: 0.8, topP: 0.7, topK: 20, minP: 0.02 } }],
  ['under penalties', { sampling: { temperature: 1, repetitionPenalty: 1.4, frequencyPenalty: 1 } }],
  ['with log-probabilities', { topLogprobs: 3 }],
])('passes an honest answer that was %s, also in parts', async (_, options) => {
  const { generate, score, close } = await open()
  const outputs = await generate(options)
  expect(await score(outputs, options)).toBeNull()
  const given = output(outputs, 'ids').slice(0, 7)
  expect(await score(await generate(options, given), options, given)).toBeNull()
  await close()
})

it('passes an honest answer to a prompt of many pieces', async () => {
  const { generate, score, close } = await open()
  const long = Array.from({ length: 150 }, (_, i) => (i * 37) % 300)
  const outputs = await generate({ maxTokens: 30 }, [], long)
  expect(await score(outputs, { maxTokens: 30 }, [], long)).toBeNull()
  await close()
})

it('names the first token that is not the pick, with place and both logits', async () => {
  const { greedy, score, close } = await open()
  const ids = greedy(prompt, 12)
  ids[4] = (ids[4]! + 1) % 300
  expect(await score(made(ids), {})).toMatch(
    new RegExp(
      `^Token 4 of the answer is ${ids[4]} with the logit -?[\\d.]+; the pick is \\d+ with the logit -?[\\d.]+\\.$`,
    ),
  )
  await close()
})

it('says at which token it is wrong, also of an answer that was broken off, whose end is not looked at', async () => {
  const { run, greedy, placeOf, close } = await open()
  const ids = greedy(prompt, 12)
  const brokenOff = (some: readonly number[]) => made(some).slice(0, 1)
  expect(await placeOf(brokenOff(ids.slice(0, 5)), {})).toBeNull()
  expect(await placeOf(made(ids.slice(0, 5)), {})).toBe(5)
  expect(await placeOf(brokenOff(ids.slice(0, 5).with(3, (ids[3]! + 1) % 300)), {})).toBe(3)
  const stop = [run.tokenizer().decode(ids.slice(2, 4))]
  expect(await placeOf(brokenOff(ids.slice(0, 4)), { stop })).toBeNull()
  expect(await placeOf(brokenOff(ids.slice(0, 6)), { stop })).toBe(4)
  await close()
})

it('finds a draw with another seed', async () => {
  const { generate, score, close } = await open()
  const options = (seed: number) => ({ sampling: { temperature: 1.4, seed: [0, seed] as [number, number] } })
  expect(await score(await generate(options(1)), options(2))).toContain('Token')
  await close()
})

it('does not look at tokens that another tab made', async () => {
  const { greedy, generate, score, close } = await open()
  const given = greedy(prompt, 3).map((id) => (id + 5) % 300)
  expect(await score(await generate({}, given), {}, given)).toBeNull()
  await close()
})

it('passes an end at an end token, and finds one that is not the pick', async () => {
  const { greedy, generate, score, close } = await open()
  const ids = greedy(prompt, 12)
  const end = ids.findIndex((id, at) => at > 2 && !ids.slice(0, at).includes(id))
  const options = { endTokens: [ids[end]!] }
  expect(await score(await generate(options), options)).toBeNull()
  expect(await score(made(ids.slice(0, end - 1), 'stop'), options)).toBe(
    `The answer ends before token ${end - 1}; the pick there is ${ids[end - 1]} with the logit ${await logitOf()}.`,
  )
  expect(await score(made([], 'stop'), options)).toContain('ends before token 0')
  await close()

  /** From the sentence itself: what it is does not matter here. */
  async function logitOf() {
    const sentence = await score(made(ids.slice(0, end - 1), 'stop'), options)
    return /logit (-?[\d.]+)\.$/.exec(sentence!)![1]
  }
})

it('finds an answer that is cut short, and one that stops when it is full', async () => {
  const { greedy, score, close } = await open()
  const ids = greedy(prompt, 12)
  expect(await score(made(ids.slice(0, 5)), {})).toBe('The answer ends for its length after 5 of 12 tokens.')
  expect(await score(made(ids, 'stop'), {})).toContain('full with 12 tokens')
  await close()
})

it('passes an end for the context, whose row after the last token cannot be computed', async () => {
  const { generate, score, close } = await open(20)
  const outputs = await generate({ maxTokens: 50 })
  expect(output(outputs, 'ids').length).toBe(6)
  expect(await score(outputs, { maxTokens: 50 })).toBeNull()
  await close()
})

it('passes an end at a stop string, and finds an answer that goes past it or hides it', async () => {
  const { run, greedy, generate, score, close } = await open()
  const ids = greedy(prompt, 12)
  const stop = [run.tokenizer().decode(ids.slice(2, 4))]
  expect(await score(await generate({ stop }), { stop })).toBeNull()
  expect(await score(made(ids), { stop })).toBe(
    'Token 3 completes a stop string, and the answer goes on to token 11.',
  )
  expect(await score(made(ids.slice(0, 4)), { stop })).toContain('said to end for its length')
  await close()
})

it('finds a wrong log-probability of the token, of an alternative, and alternatives that are not the likeliest', async () => {
  const { generate, score, close } = await open()
  const options = { topLogprobs: 2, maxTokens: 3 }
  const honest = await generate(options)
  const changed = (name: string, change: (values: Float32Array | Int32Array) => void) =>
    honest.map((tensor) => {
      if (tensor.name !== name) return tensor
      const bytes = tensor.bytes.slice()
      change(name === 'top_ids' ? new Int32Array(bytes.buffer) : new Float32Array(bytes.buffer))
      return { ...tensor, bytes }
    })
  const raise = (at: number) => (values: Float32Array | Int32Array) => {
    values[at]! += 0.5
  }
  expect(await score(changed('logprobs', raise(1)), options)).toContain(
    'Token 1 of the answer: the log-probability',
  )
  expect(await score(changed('top_logprobs', raise(5)), options)).toContain('Token 2 of the answer')
  expect(
    await score(
      changed('top_ids', (values) => values.fill(7, 2, 3)),
      options,
    ),
  ).toContain('of token 7')
  // The twentieth with its true log-probability, in the place of the second.
  const many = await generate({ ...options, topLogprobs: 20 })
  const unlikely = honest.map((tensor) => {
    if (!tensor.name.startsWith('top_')) return tensor
    const bytes = tensor.bytes.slice()
    const source = many.find(({ name }) => name === tensor.name)!.bytes
    bytes.set(source.subarray(19 * 4, 20 * 4), 4)
    return { ...tensor, bytes }
  })
  expect(await score(unlikely, options)).toContain('Token 0 of the answer: the log-probability of rank 1')
  await close()
})

it('can be cancelled', async () => {
  const { generate, run, model, close } = await open()
  const outputs = await generate({})
  const scoring = scoreAnswer(run, generateTask(model, prompt), outputs, AbortSignal.abort())
  await expect(scoring).rejects.toMatchObject({ code: 'cancelled' })
  await close()
})
