import { OpentabError } from '../../protocol/errors.ts'
import { finishCodes, type GenerateOptions, optionsOf } from '../../protocol/generation.ts'
import { decodeHidden } from '../../protocol/hiddenStates.ts'
import type { LanguageModel } from '../../protocol/language.ts'
import type { TensorSpec } from '../../protocol/manifest.ts'
import type { GenerateTask, StageTask } from '../../protocol/task.ts'
import { elementsOf, type Tensor } from '../../protocol/tensor.ts'
import { checkTensorsForm } from './checkForm.ts'

/**
 * Whether an answer is one that its options allow: as many outputs of the right shapes, ids of the vocabulary, the given
 * tokens first, no end token, no more tokens than asked for, and an end that fits their number. Gives the sentence for the
 * contributor, or null. What the ids should be is for the check to say.
 */
export function checkAnswerForm(
  model: LanguageModel,
  task: GenerateTask,
  outputs: readonly Tensor[],
): string | null {
  const options = optionsOf(task.inputs)
  const prompt = ids(task.inputs, 'prompt')
  const given = ids(task.inputs, 'given')
  const wrong = checkTokens(model, options, outputs, given.length)
  if (wrong !== null) return wrong
  const made = ids(outputs, 'ids')
  const changed = given.findIndex((id, place) => made[place] !== id)
  if (changed >= 0)
    return `Token ${changed} of the answer was given as ${given[changed]} and is ${made[changed] ?? 'missing'}.`
  if (made.length > options.maxTokens)
    return `The answer has ${made.length} tokens; at most ${options.maxTokens} were asked for.`
  const isFull = made.length === options.maxTokens || prompt.length + made.length >= model.contextTokens
  if (finishOf(outputs) === finishCodes.length && !isFull)
    return `The answer ends for its length after ${made.length} of ${options.maxTokens} tokens.`
  return null
}

/** As checkAnswerForm, for one step of a run of stages. */
export function checkStageForm(
  model: LanguageModel,
  task: StageTask,
  outputs: readonly Tensor[],
): string | null {
  const rows = task.inputs[0]!.shape[0]!
  if (!model.stages[task.last]!.head) return checkHidden(model, rows, outputs)
  const options = optionsOf(task.inputs)
  const wrong = checkTokens(model, options, outputs, 0)
  if (wrong !== null) return wrong
  const count = ids(outputs, 'ids').length
  const ends = finishOf(outputs) === finishCodes.stop
  if (count === (ends ? 0 : 1)) return null
  return `A step makes one token, or none where the answer stops; ${count} came with ${ends ? 'stop' : 'length'}.`
}

function checkHidden(model: LanguageModel, rows: number, outputs: readonly Tensor[]): string | null {
  const count = model.hidden === 'int8' ? 2 : 1
  if (outputs.length !== count || outputs[0]?.name !== 'hidden')
    return `The stage gives ${count === 2 ? 'hidden and scales' : 'hidden'}; ${outputs.map(({ name }) => name).join(', ') || 'nothing'} came.`
  let values: Float32Array
  try {
    values = decodeHidden(model.hidden, outputs, model.width)
  } catch (error) {
    if (error instanceof OpentabError) return error.message
    throw error
  }
  if (values.length !== rows * model.width)
    return `Output hidden has ${values.length / model.width} rows and must have ${rows}.`
  const bad = values.findIndex((value) => !Number.isFinite(value))
  return bad < 0 ? null : `Output hidden has ${values[bad]} in row ${Math.floor(bad / model.width)}.`
}

/** Shapes, ids and log-probabilities of made tokens; `given` of them come from another tab. */
function checkTokens(
  model: LanguageModel,
  options: GenerateOptions,
  outputs: readonly Tensor[],
  given: number,
): string | null {
  const count = outputs[0]?.shape[0] ?? 0
  const top = options.topLogprobs
  const declared: TensorSpec[] = [
    { name: 'ids', datatype: 'INT32', shape: ['tokens'] },
    { name: 'finish', datatype: 'INT32', shape: [1] },
  ]
  if (top !== null) {
    declared.push(
      { name: 'logprobs', datatype: 'FP32', shape: [count] },
      { name: 'top_ids', datatype: 'INT32', shape: [count, top] },
      { name: 'top_logprobs', datatype: 'FP32', shape: [count, top] },
    )
  }
  const wrong = checkTensorsForm(declared, outputs)
  if (wrong !== null) return wrong
  const finish = finishOf(outputs)
  if (finish !== finishCodes.stop && finish !== finishCodes.length)
    return `Output finish is ${finish} and must be 0 or 1.`
  const made = ids(outputs, 'ids')
  const foreign = made.find((id) => id < 0 || id >= model.vocabulary)
  if (foreign !== undefined) return `Token ${foreign} is not one of the model's ${model.vocabulary}.`
  const end = made.findIndex((id, place) => place >= given && options.endTokens.includes(id))
  if (end >= 0) return `Token ${end} of the answer is ${made[end]}, which ends it and is no part of it.`
  return top === null ? null : checkLogprobs(model, outputs, given)
}

function checkLogprobs(model: LanguageModel, outputs: readonly Tensor[], given: number): string | null {
  for (const name of ['logprobs', 'top_logprobs']) {
    const tensor = outputs.find((output) => output.name === name)!
    const columns = tensor.shape[1] ?? 1
    const values = elementsOf(tensor) as Float32Array
    for (let i = given * columns; i < values.length; i++)
      // Rounding may leave a certain token a little above probability 1.
      if (!(values[i]! <= 1e-3)) return `Output ${name} has ${values[i]}, which is no log-probability.`
  }
  const topIds = outputs.find(({ name }) => name === 'top_ids')!
  const columns = topIds.shape[1]!
  const foreign = (elementsOf(topIds) as Int32Array)
    .subarray(given * columns)
    .find((id) => id < 0 || id >= model.vocabulary)
  return foreign === undefined ? null : `Output top_ids has ${foreign}, which is no token.`
}

function ids(tensors: readonly Tensor[], name: string): Int32Array {
  const tensor = tensors.find((each) => each.name === name)
  if (tensor?.datatype !== 'INT32')
    throw new OpentabError('invalid_value', `There is no INT32 tensor ${name}.`, { param: name })
  return elementsOf(tensor) as Int32Array
}

const finishOf = (outputs: readonly Tensor[]): number => ids(outputs, 'finish')[0]!
