import { OpentabError } from '../../protocol/errors.ts'
import { type GenerateOptions, optionsOf } from '../../protocol/generation.ts'
import type { LanguageModel } from '../../protocol/language.ts'
import { checkTensor, elementsOf, type Tensor } from '../../protocol/tensor.ts'

/** What is asked for by a `generate` task. */
export interface AnswerRequest {
  prompt: Int32Array
  options: GenerateOptions
  /** Tokens of the answer that are there already. */
  given: Int32Array
}

/**
 * @throws OpentabError `invalid_value` naming the input, `context_length_exceeded` where prompt and given tokens leave
 * no room for another one
 */
export function readAnswerRequest(inputs: readonly Tensor[], model: LanguageModel): AnswerRequest {
  const prompt = readIds(inputs, 'prompt', model)
  const given = readIds(inputs, 'given', model)
  if (prompt.length === 0) throw refuse('prompt', 'The prompt has no tokens.')
  requireContext(model, prompt.length + given.length + 1)
  return { prompt, options: optionsOf(inputs), given }
}

/** Token ids, i32[n]. @throws OpentabError `invalid_value` for a missing input, another datatype, an id that is none */
export function readIds(inputs: readonly Tensor[], name: string, { vocabulary }: LanguageModel): Int32Array {
  const ids = readIntegers(inputs, name)
  for (const [at, id] of ids.entries()) {
    if (id >= 0 && id < vocabulary) continue
    throw refuse(name, `${name} has ${id} at place ${at}; ids go from 0 to ${vocabulary - 1}.`)
  }
  return ids
}

/** i32[n]. @throws OpentabError `invalid_value` */
export function readIntegers(inputs: readonly Tensor[], name: string): Int32Array {
  const tensor = inputs.find((each) => each.name === name)
  if (!tensor) throw refuse(name, `The task has no input ${name}.`)
  if (tensor.datatype !== 'INT32' || tensor.shape.length !== 1) {
    throw refuse(name, `${name} is ${tensor.datatype}[${tensor.shape.join(',')}] and must be INT32[n].`)
  }
  checkTensor(tensor)
  return elementsOf(tensor as Tensor & { datatype: 'INT32' })
}

/** @throws OpentabError `context_length_exceeded` with both numbers */
export function requireContext({ contextTokens }: LanguageModel, tokens: number): void {
  if (tokens <= contextTokens) return
  throw new OpentabError(
    'context_length_exceeded',
    `${tokens} tokens are needed at least, and the context holds ${contextTokens}.`,
    { param: 'prompt' },
  )
}

const refuse = (param: string, message: string): OpentabError =>
  new OpentabError('invalid_value', message, { param })
