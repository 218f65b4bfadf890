import * as ort from 'onnxruntime-web'
import { expect, it } from 'vitest'
import { OpentabError } from '../../protocol/errors.ts'
import { optionsTensor } from '../../protocol/generation.ts'
import { decodeHidden } from '../../protocol/hiddenStates.ts'
import { type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { createConstraint } from './constraint/createConstraint.ts'
import { createLanguageRunner } from './createLanguageRunner.ts'
import { type FixtureOptions, fixtureModel } from './fixtureModel.ts'
import { languageBackendSuite, never, noConstraints, prompt } from './fixtureSuite.ts'
import { answerOptions, generateTask, idsTensor, output, stageTask } from './fixtureTasks.ts'
import { wasmBackend } from './languageBackend.ts'
import { scoreAnswer } from './scoreAnswer.ts'

ort.env.wasm.numThreads = 1
const backend = wasmBackend(ort)

languageBackendSuite('WASM', async () => backend, undefined, ['f16', 'q8_0', 'q4_1'])

async function open(options: FixtureOptions = {}, cacheBytes = 1e8) {
  const fixture = await fixtureModel('llama', options)
  const runner = createLanguageRunner(backend, noConstraints, { cacheBytes })
  const { stages } = fixture.model.manifest.language!
  await runner.load(fixture.model, { first: 0, last: stages.length - 1 }, fixture.readShard)
  return { ...fixture, runner }
}

const failure = async (work: Promise<unknown>): Promise<OpentabError> => {
  const error = await work.then(
    () => 'nothing was thrown',
    (thrown: unknown) => thrown,
  )
  if (error instanceof OpentabError) return error
  throw new Error(`expected an OpentabError, got ${String(error)}`)
}
const ignore = () => {}
const cached = (outputs: Tensor[]) => output(outputs, 'cached')[0]

it('reads each shard of its range once, and says what is loaded', async () => {
  const { model, read, runner } = await open({ stages: 2 })
  const { stages, tokenizer } = model.manifest.language!
  const wanted = [tokenizer, ...stages.flatMap(({ graph, weights }) => [graph, weights])]
  expect(read.toSorted()).toEqual(wanted.map(({ sha256 }) => sha256).toSorted())
  expect(runner.loaded()).toEqual([[model.hash, { first: 0, last: 1 }]])
  await runner.unload(model.hash)
  expect(runner.loaded()).toEqual([])
})

it('gives one range up for another one of the same model', async () => {
  const { model, readShard, runner } = await open({ stages: 3 })
  await runner.load(model, { first: 1, last: 2 }, readShard)
  expect(runner.loaded()).toEqual([[model.hash, { first: 1, last: 2 }]])
  const error = await failure(runner.generate(generateTask(model, prompt), ignore, never))
  expect(error.code).toBe('model_not_found')
  expect(error.message).toContain('only stages 1 to 2')
  await runner.dispose()
})

it('names what is wrong with a model that cannot be loaded, and can load it afterwards', async () => {
  const { model, readShard, runner } = await open({ stages: 2 })
  await runner.unload(model.hash)
  const { weights } = model.manifest.language!.stages[1]!
  const cut = async (sha256: string) => {
    const bytes = await readShard(sha256)
    return sha256 === weights.sha256 ? bytes.slice(0, -64) : bytes
  }
  const error = await failure(runner.load(model, { first: 0, last: 1 }, cut))
  expect(error.code).toBe('model_failed')
  expect(error.message).toContain('The weights of stage 1 of tiny-llama')
  expect(runner.loaded()).toEqual([])
  await runner.load(model, { first: 0, last: 1 }, readShard)
  expect(runner.loaded().length).toBe(1)
  await runner.dispose()
})

it.each([
  ['an empty prompt', { prompt: [] }, 'invalid_value', 'no tokens'],
  ['an id that is none', { prompt: [1, 300] }, 'invalid_value', '300 at place 1'],
  ['a negative id', { prompt: [-1] }, 'invalid_value', '-1 at place 0'],
  ['given tokens that are none', { prompt: [1], given: [999] }, 'invalid_value', 'given has 999'],
  ['a prompt that fills the context', { prompt: Array(32).fill(1) }, 'context_length_exceeded', '33 tokens'],
])(
  'refuses %s',
  async (_, { prompt: ids, given = [] }: { prompt: number[]; given?: number[] }, code, text) => {
    const { model, runner } = await open({ contextTokens: 32 })
    const error = await failure(runner.generate(generateTask(model, ids, {}, given), ignore, never))
    expect(error.code).toBe(code)
    expect(error.message).toContain(text)
    await runner.dispose()
  },
)

it('ends at the end of the context, and at maxTokens', async () => {
  const { model, runner, greedy } = await open({ contextTokens: 20 })
  const full = await runner.generate(generateTask(model, prompt, { maxTokens: 100 }), ignore, never)
  expect(output(full, 'ids')).toEqual(greedy(prompt, 6))
  expect(output(full, 'finish')).toEqual([1])
  const short = await runner.generate(generateTask(model, prompt, { maxTokens: 2 }), ignore, never)
  expect([output(short, 'ids'), output(short, 'finish')]).toEqual([greedy(prompt, 2), [1]])
  await runner.dispose()
})

it('ends at an end token, which is not part of the answer', async () => {
  const { model, runner, greedy } = await open()
  const ids = greedy(prompt, 12)
  const end = ids.findIndex((id, at) => at > 0 && !ids.slice(0, at).includes(id))
  const outputs = await runner.generate(
    generateTask(model, prompt, { endTokens: [ids[end]!] }),
    ignore,
    never,
  )
  expect([output(outputs, 'ids'), output(outputs, 'finish')]).toEqual([ids.slice(0, end), [0]])
  await runner.dispose()
})

it('ends with the token that completes a stop string, also one of given tokens', async () => {
  const { model, runner, greedy } = await open()
  const ids = greedy(prompt, 6)
  const text = runner.run(model.hash, 'whole').tokenizer().decode(ids.slice(2, 4))
  expect(text.length, 'the two tokens have a text').toBeGreaterThan(1)
  const task = (given: number[]) => generateTask(model, prompt, { stop: ['never', text] }, given)
  const outputs = await runner.generate(task([]), ignore, never)
  expect([output(outputs, 'ids'), output(outputs, 'finish')]).toEqual([ids.slice(0, 4), [0]])
  const after = await runner.generate(task(ids.slice(0, 3)), ignore, never)
  expect([output(after, 'ids'), output(after, 'finish')]).toEqual([ids.slice(0, 4), [0]])
  const all = await runner.generate(task(ids.slice(0, 4)), ignore, never)
  expect([output(all, 'ids'), output(all, 'finish')]).toEqual([ids.slice(0, 4), [0]])
  await runner.dispose()
})

it('keeps to a grammar, whole, with given tokens, and in the eyes of a checker', async () => {
  const { model, readShard } = await fixtureModel('llama')
  const runner = createLanguageRunner(backend, createConstraint, { cacheBytes: 1e8 })
  await runner.load(model, { first: 0, last: 0 }, readShard)
  const run = runner.run(model.hash, 'whole')
  const options = {
    endTokens: [2],
    constraint: { kind: 'json_schema' as const, schema: '{"enum":["yes indeed","no way"]}' },
    sampling: { temperature: 1 },
  }
  const outputs = await runner.generate(generateTask(model, prompt, options), ignore, never)
  const ids = output(outputs, 'ids')
  expect(['"yes indeed"', '"no way"']).toContain(run.tokenizer().decode(ids))
  expect(output(outputs, 'finish')).toEqual([0])
  const given = ids.slice(0, 3)
  const rest = await runner.generate(generateTask(model, prompt, options, given), ignore, never)
  expect(output(rest, 'ids')).toEqual(ids)
  expect(await scoreAnswer(run, generateTask(model, prompt, options), outputs, never)).toBeNull()
  const other = { ...options, constraint: { kind: 'json_schema' as const, schema: '{"enum":["perhaps"]}' } }
  expect(await scoreAnswer(run, generateTask(model, prompt, other), outputs, never)).toMatchObject({
    reason: expect.stringContaining('Token '),
  })
  await runner.dispose()
})

it('goes on with given tokens as if they were its own: greedy and drawn', async () => {
  for (const sampling of [{}, { temperature: 1.5, topP: 0.9, seed: [3, 4] as [number, number] }]) {
    const { model, runner } = await open()
    const whole = await runner.generate(generateTask(model, prompt, { sampling }), ignore, never)
    const ids = output(whole, 'ids')
    const other = await open()
    const heard: number[] = []
    const rest = await other.runner.generate(
      generateTask(model, prompt, { sampling }, ids.slice(0, 5)),
      ({ from, ids: [id] }) => heard.push(from, id!),
      never,
    )
    expect(output(rest, 'ids')).toEqual(ids)
    expect(heard.slice(0, 2)).toEqual([5, ids[5]])
    await runner.dispose()
    await other.runner.dispose()
  }
})

it('gives log-probabilities of its own tokens, NaN for given ones', async () => {
  const { model, runner, greedy } = await open()
  const ids = greedy(prompt, 4)
  const heard: unknown[] = []
  const outputs = await runner.generate(
    generateTask(model, prompt, { maxTokens: 4, topLogprobs: 2 }, ids.slice(0, 1)),
    ({ logprobs }) => heard.push(...logprobs!),
    never,
  )
  expect(outputs.map(({ name, shape }) => [name, ...shape])).toEqual([
    ['ids', 4],
    ['finish', 1],
    ['logprobs', 4],
    ['top_ids', 4, 2],
    ['top_logprobs', 4, 2],
    ['cached', 1],
  ])
  const own = output(outputs, 'logprobs')
  expect(own[0]).toBeNaN()
  expect(own.slice(1).every((value) => value < 0)).toBe(true)
  // The most likely token is the one that was picked.
  expect(
    output(outputs, 'top_ids')
      .filter((_, at) => at % 2 === 0)
      .slice(1),
  ).toEqual(ids.slice(1))
  expect(output(outputs, 'top_logprobs')[2]).toBe(own[1])
  expect(heard.length).toBe(3)
  await runner.dispose()
})

it('gives as good log-probabilities without alternatives', async () => {
  const { model, runner } = await open()
  const outputs = await runner.generate(generateTask(model, prompt, { topLogprobs: 0 }), ignore, never)
  expect(outputs.map(({ shape }) => shape)).toEqual([[12], [1], [12], [12, 0], [12, 0], [1]])
  await runner.dispose()
})

it('computes a prompt of many pieces as one', async () => {
  const { model, runner, greedy } = await open({ contextTokens: 256 })
  const long = Array.from({ length: 170 }, (_, i) => (i * 37) % 300)
  const outputs = await runner.generate(generateTask(model, long, { maxTokens: 4 }), ignore, never)
  expect(output(outputs, 'ids')).toEqual(greedy(long, 4))
  await runner.dispose()
})

it('skips what another conversation has in common with a prompt, and says how much', async () => {
  const { model, runner, greedy } = await open()
  const first = await runner.generate(generateTask(model, prompt), ignore, never)
  expect(cached(first)).toBe(0)
  const answer = output(first, 'ids')
  // The next turn: prompt, answer and something new. The row of the answer's last token was not computed.
  const next = [...prompt, ...answer, 40, 41]
  const second = await runner.generate(generateTask(model, next, { maxTokens: 4 }), ignore, never)
  expect(cached(second)).toBe(prompt.length + answer.length - 1)
  expect(output(second, 'ids')).toEqual(greedy(next, 4))
  // Another answer to the first prompt: all but its last row.
  const again = await runner.generate(generateTask(model, prompt), ignore, never)
  expect(cached(again)).toBe(prompt.length - 1)
  expect(output(again, 'ids')).toEqual(answer)
  // A prompt that parts ways in the middle.
  const other = [...prompt.slice(0, 6), 50, 51]
  const third = await runner.generate(generateTask(model, other, { maxTokens: 4 }), ignore, never)
  expect([cached(third), output(third, 'ids')]).toEqual([6, greedy(other, 4)])
  // The second conversation was not cut short by it.
  const fourth = await runner.generate(generateTask(model, [...next, 42], { maxTokens: 1 }), ignore, never)
  expect(cached(fourth)).toBe(next.length)
  await runner.dispose()
})

it('[G9] skips nothing of what was computed for another scope', async () => {
  const { model, runner, greedy } = await open()
  const ask = (scope?: number) =>
    runner.generate(
      { ...generateTask(model, prompt, { maxTokens: 2 }), ...(scope !== undefined && { scope }) },
      ignore,
      never,
    )
  expect(cached(await ask(1))).toBe(0)
  for (const scope of [2, undefined]) expect(cached(await ask(scope))).toBe(0)
  const again = await ask(1)
  expect([cached(again), output(again, 'ids')]).toEqual([prompt.length - 1, greedy(prompt, 2)])
  await runner.dispose()
})

it('lets answers take turns token by token', async () => {
  const { model, runner, greedy } = await open()
  const order: string[] = []
  const prompts = [prompt, prompt.toReversed(), prompt.slice(3)]
  const outputs = await Promise.all(
    prompts.map((ids, at) => runner.generate(generateTask(model, ids), () => order.push('abc'[at]!), never)),
  )
  expect(outputs.map((each) => output(each, 'ids'))).toEqual(prompts.map((ids) => greedy(ids, 12)))
  expect(order.join('')).toBe('abc'.repeat(12))
  await runner.dispose()
})

it('ends within one token when it is not wanted any more, and answers the next one', async () => {
  const { model, runner, greedy } = await open()
  const abort = new AbortController()
  let heard = 0
  const answer = runner.generate(
    generateTask(model, prompt),
    () => {
      heard++
      // As a message would: in a task of its own.
      if (heard === 3) setImmediate(() => abort.abort())
    },
    abort.signal,
  )
  expect((await failure(answer)).code).toBe('cancelled')
  expect(heard).toBeLessThanOrEqual(4)
  const next = await runner.generate(generateTask(model, prompt), ignore, never)
  expect(output(next, 'ids')).toEqual(greedy(prompt, 12))
  // What it had computed by then was kept.
  expect(cached(next)).toBe(prompt.length - 1)
  await runner.dispose()
})

it('does not begin an answer that is not wanted any more', async () => {
  const { model, runner } = await open()
  const reason = new OpentabError('cancelled', 'The requester has left.')
  const answer = runner.generate(generateTask(model, prompt), ignore, AbortSignal.abort(reason))
  expect(await failure(answer)).toBe(reason)
  await runner.dispose()
})

it('ends answers of a model that is unloaded with an error', async () => {
  const { model, runner } = await open()
  let unloading: Promise<void> | undefined
  const answer = runner.generate(
    generateTask(model, prompt, { maxTokens: 200 }),
    () => {
      unloading ??= runner.unload(model.hash)
    },
    never,
  )
  expect((await failure(answer)).code).toBe('model_not_found')
  await unloading
})

// One row of tiny-llama: 3 layers, keys and values of 2 heads of 16 elements.
const ROW_BYTES = 3 * 2 * 2 * 16 * 4

it('says out_of_memory where one answer alone does not fit, having made what fitted', async () => {
  const { model, runner } = await open({}, ROW_BYTES * 20)
  let heard = 0
  const answer = runner.generate(generateTask(model, prompt, { maxTokens: 50 }), () => heard++, never)
  const error = await failure(answer)
  expect([error.code, heard]).toEqual(['out_of_memory', 7])
  expect(error.message).toContain('21 tokens')
  await runner.dispose()
})

it('forgets the least recently used conversation first', async () => {
  const { model, runner } = await open({}, ROW_BYTES * 40)
  const ask = async (ids: readonly number[]) =>
    cached(await runner.generate(generateTask(model, ids, { maxTokens: 1 }), ignore, never))
  const [a, b, c] = [prompt, prompt.toReversed(), prompt.map((id) => id + 1)]
  await ask(a)
  await ask(b)
  expect(await ask(a)).toBe(13)
  // Three conversations of 14 rows do not fit: b goes, not a.
  await ask(c)
  expect(await ask([...a, 5])).toBe(14)
  expect(await ask(b)).toBe(0)
  await runner.dispose()
})

it('makes all answers right that do not fit together: the youngest waits and begins again', async () => {
  const { model, runner, greedy } = await open({}, ROW_BYTES * 50)
  const prompts = [prompt, prompt.toReversed(), prompt.map((id) => id + 1), prompt.map((id) => id + 2)]
  const ended: number[] = []
  const outputs = await Promise.all(
    prompts.map(async (ids, at) => {
      const each = await runner.generate(generateTask(model, ids, { maxTokens: 20 }), ignore, never)
      ended.push(at)
      return each
    }),
  )
  expect(outputs.map((each) => output(each, 'ids'))).toEqual(prompts.map((ids) => greedy(ids, 20)))
  expect(ended[0]).toBe(0)
  await runner.dispose()
})

it('an answer that waits for room can be cancelled', async () => {
  const { model, runner } = await open({}, ROW_BYTES * 40)
  const abort = new AbortController()
  const first = runner.generate(generateTask(model, prompt, { maxTokens: 20 }), ignore, never)
  const second = failure(
    runner.generate(generateTask(model, prompt.toReversed(), { maxTokens: 20 }), ignore, abort.signal),
  )
  await new Promise<void>((resolve) => setImmediate(resolve))
  abort.abort()
  expect((await second).code).toBe('cancelled')
  expect(output(await first, 'ids').length).toBe(20)
  await runner.dispose()
})

/** A runner with the first of two stages, and one with the last. */
async function openRing(options: FixtureOptions = {}) {
  const fixture = await fixtureModel('llama', { stages: 2, ...options })
  const [front, tail] = await Promise.all(
    [0, 1].map(async (stage) => {
      const runner = createLanguageRunner(backend, noConstraints, { cacheBytes: 1e8 })
      await runner.load(fixture.model, { first: stage, last: stage }, fixture.readShard)
      return runner
    }),
  )
  const { model } = fixture
  return {
    ...fixture,
    front: (session: number, position: number, ids: readonly number[]) =>
      front!.stage(stageTask(model, 0, session, position, [idsTensor('ids', ids)]), never),
    tail: (session: number, position: number, inputs: Tensor[]) =>
      tail!.stage(stageTask(model, 1, session, position, inputs), never),
    forget: (session: number) => front!.forget(model.hash, session),
    close: async () => {
      await front!.dispose()
      await tail!.dispose()
    },
  }
}
const hiddenOf = (outputs: Tensor[]) => decodeHidden('f32', outputs, 64)
const tailInputs = (hidden: Tensor[], history: readonly number[], promptLength: number, options = {}) => [
  ...hidden,
  optionsTensor(answerOptions(options)),
  idsTensor('history', history),
  idsTensor('prompt', [promptLength]),
]

it('refuses a step of a session whose rows it does not hold', async () => {
  const { front, forget, close } = await openRing()
  expect((await failure(front(1, 3, prompt))).code).toBe('cache_missing')
  await front(1, 0, prompt)
  expect((await failure(front(1, prompt.length + 1, [4]))).code).toBe('cache_missing')
  expect((await failure(front(2, prompt.length, [4]))).code).toBe('cache_missing')
  forget(1)
  expect((await failure(front(1, prompt.length, [4]))).code).toBe('cache_missing')
  await close()
})

it('repeats a step whose answer was lost, and begins anew at position 0', async () => {
  const { front, close } = await openRing()
  const first = hiddenOf(await front(1, 0, prompt))
  const step = hiddenOf(await front(1, prompt.length, [4]))
  await front(1, prompt.length + 1, [9])
  expect(hiddenOf(await front(1, prompt.length, [4]))).toEqual(step)
  expect(hiddenOf(await front(1, 0, prompt))).toEqual(first)
  expect(hiddenOf(await front(1, prompt.length, [4]))).toEqual(step)
  await close()
})

it('gives the same rows for a sequence at once as for its pieces, also past the most of one run', async () => {
  const { front, close } = await openRing()
  const long = Array.from({ length: 150 }, (_, i) => (i * 37) % 300)
  const whole = hiddenOf(await front(1, 0, long))
  const parts = [hiddenOf(await front(2, 0, long.slice(0, 90))), hiddenOf(await front(2, 90, long.slice(90)))]
  const joined = Float32Array.from(parts.flatMap((part) => [...part]))
  for (const [at, value] of whole.entries()) expect(joined[at]).toBeCloseTo(value, 3)
  await close()
})

it('picks at the tail with penalties by the history, and with the draw of the place in the answer', async () => {
  const { model, readShard, front, tail, close } = await openRing()
  const options = {
    sampling: {
      temperature: 1.2,
      frequencyPenalty: 1.5,
      repetitionPenalty: 1.3,
      seed: [5, 6] as [number, number],
    },
    topLogprobs: 1,
  }
  const runner = createLanguageRunner(backend, noConstraints, { cacheBytes: 1e8 })
  await runner.load(model, { first: 0, last: 1 }, readShard)
  const whole = await runner.generate(generateTask(model, prompt, options), ignore, never)
  const ids: number[] = []
  let rows: readonly number[] = prompt
  for (let position = 0; ids.length < 12; position += rows.length, rows = ids.slice(-1)) {
    const hidden = await front(9, position, rows)
    const outputs = await tail(9, position, tailInputs(hidden, [...prompt, ...ids], prompt.length, options))
    expect(output(outputs, 'logprobs')[0]).toBeCloseTo(output(whole, 'logprobs')[ids.length]!, 3)
    ids.push(...output(outputs, 'ids'))
  }
  expect(ids).toEqual(output(whole, 'ids'))
  await runner.dispose()
  await close()
})

it('goes by the options of each step: a prompt comes in pieces whose token nobody wants', async () => {
  const { front, tail, greedy, close } = await openRing()
  const [first, rest] = [prompt.slice(0, 9), prompt.slice(9)]
  const unwanted = { maxTokens: 1, topLogprobs: null }
  await tail(3, 0, tailInputs(await front(3, 0, first), [], prompt.length, unwanted))
  const inputs = tailInputs(await front(3, 9, rest), [], prompt.length, { topLogprobs: 1 })
  const outputs = await tail(3, 9, inputs)
  expect(output(outputs, 'ids')).toEqual(greedy(prompt, 1))
  expect(output(outputs, 'top_ids')).toEqual(greedy(prompt, 1))
  await close()
})

it('says stop and gives no token where the tail picks an end token', async () => {
  const { front, tail, greedy, close } = await openRing()
  const [end] = greedy(prompt, 1)
  const inputs = tailInputs(await front(1, 0, prompt), [], prompt.length, {
    endTokens: [end!],
    topLogprobs: 3,
  })
  const outputs = await tail(1, 0, inputs)
  expect(outputs.map(({ shape }) => shape)).toEqual([[0], [1], [0], [0, 3], [0, 3]])
  expect(output(outputs, 'finish')).toEqual([0])
  await close()
})

it.each(['f16', 'int8'] as const)('passes hidden states as %s', async (hidden) => {
  const { front, tail, greedy, close } = await openRing({ hidden })
  const passed = await front(1, 0, prompt)
  expect(passed.map((each) => each.datatype)).toEqual(hidden === 'f16' ? ['FP16'] : ['INT8', 'FP16'])
  const outputs = await tail(1, 0, tailInputs(passed, [], prompt.length))
  expect(output(outputs, 'ids')).toEqual(greedy(prompt, 1))
  await close()
})

it.each([
  ['no rows', [], 'no rows'],
  ['more rows than the context', Array(257).fill(1), '257 tokens'],
  ['ids that are none', [400], '400 at place 0'],
])('refuses a step with %s', async (_, ids, text) => {
  const { front, close } = await openRing()
  expect((await failure(front(1, 0, ids))).message).toContain(text)
  await close()
})

it('refuses hidden states of another width, and a history without its prompt', async () => {
  const { front, tail, close } = await openRing()
  const narrow = tensorOf('hidden', 'FP32', [1, 32], new Float32Array(32))
  expect((await failure(tail(1, 0, tailInputs([narrow], [], 1)))).message).toContain('[rows,64]')
  const hidden = await front(1, 0, prompt)
  expect((await failure(tail(1, 0, tailInputs(hidden, [1, 2], 3)))).code).toBe('invalid_value')
  await close()
})
