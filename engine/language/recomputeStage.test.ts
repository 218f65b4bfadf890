import * as ort from 'onnxruntime-web'
import { describe, expect, it } from 'vitest'
import { optionsTensor } from '../../protocol/generation.ts'
import { type HiddenFormat, hiddenFormats } from '../../protocol/language.ts'
import { type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { answerOutputs } from './answerOutputs.ts'
import { createLanguageRunner } from './createLanguageRunner.ts'
import { fixtureModel } from './fixtureModel.ts'
import { never, noConstraints, prompt } from './fixtureSuite.ts'
import { answerOptions, type FixtureAnswerOptions, idsTensor, output, stageTask } from './fixtureTasks.ts'
import { wasmBackend } from './languageBackend.ts'
import { recomputeStage } from './recomputeStage.ts'

ort.env.wasm.numThreads = 1

/** One stage of two in a runner, as a tab and as a checker. */
async function open(stage: number, hidden: HiddenFormat = 'f32') {
  const { model, readShard } = await fixtureModel('llama', { stages: 2, hidden })
  const runner = createLanguageRunner(wasmBackend(ort), noConstraints, { cacheBytes: 1e8 })
  await runner.load(model, { first: stage, last: stage }, readShard)
  const task = (position: number, inputs: Tensor[]) => stageTask(model, stage, 4, position, inputs)
  return {
    step: (position: number, inputs: Tensor[]) => runner.stage(task(position, inputs), never),
    check: (position: number, inputs: Tensor[], outputs: Tensor[], whole: Tensor[]) =>
      recomputeStage(
        runner.run(model.hash, { first: stage, last: stage }),
        task(position, inputs),
        outputs,
        whole,
        never,
      ),
    close: () => runner.dispose(),
  }
}

/** Rows under each other. */
const joined = (...steps: Tensor[][]): Tensor[] =>
  steps[0]!.map((first, at) => {
    const parts = steps.map((step) => step[at]!)
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.bytes.byteLength, 0))
    let end = 0
    for (const part of parts) {
      bytes.set(part.bytes, end)
      end += part.bytes.byteLength
    }
    const rows = parts.reduce((sum, { shape }) => sum + shape[0]!, 0)
    return { ...first, shape: [rows, ...first.shape.slice(1)], bytes }
  })

const later = [idsTensor('ids', [9, 4])]
const wholeIds = [idsTensor('ids', [...prompt, 9, 4])]

describe.each(hiddenFormats)('a step whose hidden states travel as %s', (format) => {
  it('passes as an honest tab made it, at the beginning and later', async () => {
    const { step, check, close } = await open(0, format)
    const first = [idsTensor('ids', prompt)]
    expect(await check(0, first, await step(0, first), first)).toBeNull()
    expect(await check(prompt.length, later, await step(prompt.length, later), wholeIds)).toBeNull()
    await close()
  })

  it('is found where it was made from other rows, with the element and both values', async () => {
    const { step, check, close } = await open(0, format)
    await step(0, [
      idsTensor(
        'ids',
        prompt.map((id) => id + 1),
      ),
    ])
    const outputs = await step(prompt.length, later)
    expect(await check(prompt.length, later, outputs, wholeIds)).toMatch(
      /^Element \[0,\d+\] of hidden is -?[\d.e-]+ and must be -?[\d.e-]+ \(within [\d.e-]+\)\.$/,
    )
    await close()
  })
})

it('finds one element of one row that is off by a hundredth of its row', async () => {
  const { step, check, close } = await open(0)
  const [hidden] = await step(0, wholeIds)
  const values = new Float32Array(hidden!.bytes.slice().buffer)
  const at = 5 * 64 + 11
  values[at]! += 0.01 * Math.hypot(...values.subarray(5 * 64, 6 * 64))
  const outputs = [tensorOf('hidden', 'FP32', hidden!.shape, values)]
  expect(await check(0, wholeIds, outputs, wholeIds)).toContain('Element [5,11] of hidden')
  await close()
})

it('finds NaN, and rows that are missing', async () => {
  const { step, check, close } = await open(0)
  const [hidden] = await step(0, wholeIds)
  const values = new Float32Array(hidden!.bytes.slice().buffer)
  values[64] = Number.NaN
  const bad = [tensorOf('hidden', 'FP32', hidden!.shape, values)]
  expect(await check(0, wholeIds, bad, wholeIds)).toContain('Element [1,0] of hidden is NaN')
  const short = [tensorOf('hidden', 'FP32', [15, 64], values.subarray(0, 15 * 64))]
  expect(await check(0, wholeIds, short, wholeIds)).toBe('Output hidden has 15 rows and must have 16.')
  await close()
})

describe('the tail', () => {
  const tailInputs = (rows: Tensor[], options: FixtureAnswerOptions, history: number[] = []) => [
    ...rows,
    optionsTensor(answerOptions(options)),
    idsTensor('history', history),
    idsTensor('prompt', [prompt.length]),
  ]
  const made = (ids: number[]) =>
    answerOutputs({ ids, finish: ids.length > 0 ? 'length' : 'stop', topLogprobs: null, logprobs: [] })

  it('passes as an honest tab made it: drawn, under penalties, with log-probabilities', async () => {
    const [front, tail] = [await open(0), await open(1)]
    const options = {
      sampling: { temperature: 1.1, frequencyPenalty: 1, repetitionPenalty: 1.2 },
      topLogprobs: 2,
    }
    const first = await front.step(0, [idsTensor('ids', prompt)])
    const second = await front.step(prompt.length, [idsTensor('ids', [9])])
    const history = [...prompt, 9]
    await tail.step(0, tailInputs(first, {}))
    const inputs = tailInputs(second, options, history)
    const outputs = await tail.step(prompt.length, inputs)
    expect(await tail.check(prompt.length, inputs, outputs, joined(first, second))).toBeNull()
    await front.close()
    await tail.close()
  })

  it('is found with another token, and with an end that is none', async () => {
    const [front, tail] = [await open(0), await open(1)]
    const rows = await front.step(0, [idsTensor('ids', prompt)])
    const [pick] = output(await tail.step(0, tailInputs(rows, {})), 'ids')
    const other = (pick! + 1) % 300
    const check = (options: FixtureAnswerOptions, ids: number[]) =>
      tail.check(0, tailInputs(rows, options), made(ids), rows)
    expect(await check({}, [other])).toContain(`Token 0 of the answer is ${other}`)
    expect(await check({ endTokens: [other] }, [])).toContain('ends before token 0')
    expect(await check({ endTokens: [pick!] }, [])).toBeNull()
    await front.close()
    await tail.close()
  })
})
