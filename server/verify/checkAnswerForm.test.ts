import { describe, expect, it } from 'vitest'
import { optionsTensor } from '../../protocol/generation.ts'
import type { GenerateTask, StageTask } from '../../protocol/task.ts'
import { type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { generateTask, headInputs, idsTensor } from '../language/answerTensors.ts'
import { FakeRunner, fakeModel, fakeOptions } from '../language/fakeLanguage.ts'
import { checkAnswerForm, checkStageForm } from './checkAnswerForm.ts'

const model = fakeModel({ contextTokens: 20 })
const { language } = model.manifest

interface Case {
  maxTokens?: number
  changes?: Parameters<typeof fakeOptions>[1]
  given?: number[]
  prompt?: number[]
}
const taskOf = ({ maxTokens = 4, changes = {}, given = [], prompt = [1, 2] }: Case = {}): GenerateTask =>
  generateTask({ model, prompt, options: fakeOptions(maxTokens, changes) }, given)

const floats = (name: string, values: number[], shape = [values.length]): Tensor =>
  tensorOf(name, 'FP32', shape, Float32Array.from(values))
const answer = (ids: number[], finish: number): Tensor[] => [
  idsTensor('ids', ids),
  idsTensor('finish', [finish]),
]
const LENGTH = 1
const STOP = 0

describe('the form of an answer', () => {
  it('[G5] right ones pass', () => {
    const right = (which: Case): string | null => {
      const task = taskOf(which)
      return checkAnswerForm(language, task, new FakeRunner(model).generate(task))
    }
    expect(right({})).toBeNull()
    expect(right({ changes: { topLogprobs: 3 } })).toBeNull()
    expect(right({ changes: { topLogprobs: 0 } })).toBeNull()
    expect(checkAnswerForm(language, taskOf(), answer([], STOP))).toBeNull()
    expect(checkAnswerForm(language, taskOf(), answer([1, 2, 3, 4], STOP))).toBeNull()
    // Prompt and answer fill the context.
    expect(
      checkAnswerForm(
        language,
        taskOf({ maxTokens: 30, prompt: new Array(18).fill(1) }),
        answer([1, 2], LENGTH),
      ),
    ).toBeNull()
    // What another tab made is not judged again.
    const given = { given: [5, 6], changes: { endTokens: [6], topLogprobs: 1 } }
    expect(
      checkAnswerForm(language, taskOf(given), [
        ...answer([5, 6, 7, 8], LENGTH),
        floats('logprobs', [Number.NaN, Number.NaN, -1, -2]),
        tensorOf('top_ids', 'INT32', [4, 1], Int32Array.of(-1, -1, 7, 8)),
        floats('top_logprobs', [Number.NaN, Number.NaN, -1, -2], [4, 1]),
      ]),
    ).toBeNull()
  })

  it.each([
    ['nothing', {}, [], 'The task has 2 outputs (ids, finish) and 0 came.'],
    ['no end', {}, answer([1], LENGTH).slice(0, 1), 'The task has 2 outputs'],
    [
      'log-probabilities that nobody asked for',
      {},
      [...answer([1, 2, 3, 4], LENGTH), floats('logprobs', [-1, -1, -1, -1])],
      '3 came',
    ],
    ['ids as floats', {}, [floats('ids', [1, 2, 3, 4]), idsTensor('finish', [1])], 'Output ids is FP32'],
    ['two ends', {}, [idsTensor('ids', [1]), idsTensor('finish', [1, 1])], 'Output finish has the shape [2]'],
    ['another end', {}, answer([1, 2, 3, 4], 2), 'Output finish is 2 and must be 0 or 1.'],
    [
      'a token that the model does not have',
      {},
      answer([1, 2, 3, 1000], LENGTH),
      'Token 1000 is not one of the model’s 1000.',
    ],
    ['a token below zero', {}, answer([-1, 2, 3, 4], LENGTH), 'Token -1 is not one'],
    [
      'an end token',
      { changes: { endTokens: [3] } },
      answer([1, 2, 3, 4], LENGTH),
      'Token 2 of the answer is 3, which ends it',
    ],
    [
      'too many tokens',
      {},
      answer([1, 2, 3, 4, 5], LENGTH),
      'The answer has 5 tokens; at most 4 were asked for.',
    ],
    [
      'an end for its length that is none',
      {},
      answer([1, 2, 3], LENGTH),
      'ends for its length after 3 of 4 tokens',
    ],
    [
      'another beginning than was given',
      { given: [1, 2] },
      answer([1, 3, 3, 4], LENGTH),
      'Token 1 of the answer was given as 2 and is 3.',
    ],
    [
      'less than was given',
      { given: [1, 2] },
      answer([1], STOP),
      'Token 1 of the answer was given as 2 and is missing.',
    ],
  ] as [string, Case, Tensor[], string][])('[G5] not with %s', (_, which, outputs, sentence) => {
    expect(checkAnswerForm(language, taskOf(which), outputs)?.replaceAll("'", '’')).toContain(sentence)
  })

  it.each([
    ['of another shape', { logprobs: floats('logprobs', [-1]) }, 'Output logprobs has the shape [1]'],
    ['that are none', { logprobs: floats('logprobs', [-1, 0.5, -1, -1]) }, 'Output logprobs has 0.5'],
    [
      'that are no numbers',
      { logprobs: floats('logprobs', [-1, Number.NaN, -1, -1]) },
      'Output logprobs has NaN',
    ],
    [
      'of tokens that there are not',
      { top_ids: tensorOf('top_ids', 'INT32', [4, 1], Int32Array.of(1, 2, 1000, 4)) },
      'Output top_ids has 1000',
    ],
    [
      'of fewer tokens',
      { top_logprobs: floats('top_logprobs', [-1, -1, -1, -1], [2, 2]) },
      'has the shape [2,2]',
    ],
  ] as [string, Record<string, Tensor>, string][])(
    '[G5] not with log-probabilities %s',
    (_, changes, sentence) => {
      const right: Record<string, Tensor> = {
        logprobs: floats('logprobs', [-1, -1, -1, -1]),
        top_ids: tensorOf('top_ids', 'INT32', [4, 1], Int32Array.of(1, 2, 3, 4)),
        top_logprobs: floats('top_logprobs', [-1, -1, -1, -1], [4, 1]),
        ...changes,
      }
      const task = taskOf({ changes: { topLogprobs: 1 } })
      expect(
        checkAnswerForm(language, task, [...answer([1, 2, 3, 4], LENGTH), ...Object.values(right)]),
      ).toContain(sentence)
    },
  )
})

describe('the form of a step', () => {
  const step = (first: number, last: number, inputs: Tensor[]): StageTask => ({
    kind: 'stage',
    model: model.hash,
    first,
    last,
    session: 1,
    position: 0,
    inputs,
  })
  const hidden = (rows: number, at = 0, value = 1): Tensor =>
    tensorOf('hidden', 'FP32', [rows, 4], new Float32Array(rows * 4).fill(value, at, at + 1))

  it.each([
    ['as many rows as went in', [hidden(2)], null],
    ['nothing', [], 'The stage gives hidden; nothing came.'],
    ['another output', [{ ...hidden(2), name: 'logits' }], 'The stage gives hidden; logits came.'],
    ['two outputs', [hidden(2), hidden(2)], 'The stage gives hidden; hidden, hidden came.'],
    ['fewer rows', [hidden(1)], 'Output hidden has 1 rows and must have 2.'],
    ['another width', [tensorOf('hidden', 'FP32', [2, 5], new Float32Array(10))], 'must be [rows,4]'],
    ['halves', [tensorOf('hidden', 'FP16', [2, 4], new Uint16Array(8))], 'hidden is FP16'],
    ['no number', [hidden(2, 5, Number.NaN)], 'Output hidden has NaN in row 1.'],
    ['an infinite one', [hidden(2, 0, Number.NEGATIVE_INFINITY)], 'Output hidden has -Infinity in row 0.'],
  ] as [string, Tensor[], string | null][])('[S4] in the middle, with %s', (_, outputs, sentence) => {
    const found = checkStageForm(language, step(0, 1, [idsTensor('ids', [1, 2])]), outputs)
    if (sentence === null) expect(found).toBeNull()
    else expect(found).toContain(sentence)
  })

  it.each([
    ['one token', answer([5], LENGTH), null],
    ['none where it stops', answer([], STOP), null],
    [
      'none where it goes on',
      answer([], LENGTH),
      'A step makes one token, or none where the answer stops; 0 came with length.',
    ],
    ['a token where it stops', answer([5], STOP), '1 came with stop'],
    ['two tokens', answer([5, 6], LENGTH), '2 came with length'],
    ['an end token', answer([9], LENGTH), 'Token 0 of the answer is 9, which ends it'],
    ['hidden states', [hidden(2)], 'The task has 2 outputs'],
  ] as [string, Tensor[], string | null][])('[S4] at the end, with %s', (_, outputs, sentence) => {
    const options = optionsTensor(fakeOptions(4, { endTokens: [9] }))
    const inputs = [hidden(2), ...headInputs(options, false, [1, 2], 2)]
    const found = checkStageForm(language, step(1, 2, inputs), outputs)
    if (sentence === null) expect(found).toBeNull()
    else expect(found).toContain(sentence)
  })
})
