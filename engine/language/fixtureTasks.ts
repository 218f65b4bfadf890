import {
  type GenerateOptions,
  greedyOptions,
  optionsTensor,
  type Sampling,
} from '../../protocol/generation.ts'
import type { ServedModel } from '../../protocol/manifest.ts'
import type { GenerateTask, StageTask } from '../../protocol/task.ts'
import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'

export type FixtureAnswerOptions = Partial<Omit<GenerateOptions, 'sampling'>> & {
  sampling?: Partial<Sampling>
}

/** Greedy, free text, no end token, twelve tokens; and what is given over that. */
export function answerOptions(options: FixtureAnswerOptions = {}): GenerateOptions {
  const greedy = greedyOptions(12)
  return {
    ...greedy,
    ...options,
    sampling: { ...greedy.sampling, seed: [0, 7], ...options.sampling },
  }
}

export const idsTensor = (name: string, ids: readonly number[]): Tensor =>
  tensorOf(name, 'INT32', [ids.length], Int32Array.from(ids))

export const generateTask = (
  model: ServedModel,
  prompt: readonly number[],
  options: FixtureAnswerOptions = {},
  given: readonly number[] = [],
): GenerateTask => ({
  kind: 'generate',
  model: model.hash,
  inputs: [idsTensor('prompt', prompt), optionsTensor(answerOptions(options)), idsTensor('given', given)],
})

export const stageTask = (
  model: ServedModel,
  stage: number,
  session: number,
  position: number,
  inputs: readonly Tensor[],
): StageTask => ({ kind: 'stage', model: model.hash, first: stage, last: stage, session, position, inputs })

/** Elements of an output, as numbers. */
export function output(outputs: readonly Tensor[], name: string): number[] {
  const tensor = outputs.find((each) => each.name === name)
  if (!tensor) throw new Error(`no output ${name} among ${outputs.map((each) => each.name).join()}`)
  return Array.from(elementsOf(tensor) as Int32Array)
}
