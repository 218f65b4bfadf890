import {
  type Finish,
  finishCodes,
  type GenerateOptions,
  greedyOptions,
  optionsTensor,
} from '../../protocol/generation.ts'
import type { LanguageModel } from '../../protocol/language.ts'
import { readMadeTokens } from '../../protocol/madeTokens.ts'
import type { TokenLogprobs } from '../../protocol/sampling/logprobsOf.ts'
import type { GenerateTask } from '../../protocol/task.ts'
import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import type { AnswerChunk, AnswerRequest } from './answer.ts'

export const idsTensor = (name: string, ids: readonly number[]): Tensor =>
  tensorOf(name, 'INT32', [ids.length], Int32Array.from(ids))

/**
 * The task of a whole answer of which some tokens are known.
 * @param scope whose caches it may use again, where it is leased
 */
export const generateTask = (
  { model, prompt, options }: AnswerRequest,
  given: readonly number[],
  scope?: number,
): GenerateTask => ({
  kind: 'generate',
  model: model.hash,
  ...(scope !== undefined && { scope }),
  inputs: [idsTensor('prompt', prompt), optionsTensor(options), idsTensor('given', given)],
})

/** Options of a step whose token nobody wants: one in the middle of the prompt, or one that is done again. */
const unwantedTensor = optionsTensor(greedyOptions(1))

/** Whether a pick goes by the tokens before it beyond the model's own view of them. */
export const needsHistory = ({ sampling, constraint }: GenerateOptions): boolean =>
  constraint !== null ||
  sampling.repetitionPenalty !== 1 ||
  sampling.presencePenalty !== 0 ||
  sampling.frequencyPenalty !== 0

/**
 * What the last stage gets beside its rows: options, the sequence so far where a pick goes by it, the prompt's length.
 * @param sequence prompt and answer up to and with the step's last row; null where its token is not wanted
 */
export function headInputs(
  options: Tensor,
  withHistory: boolean,
  sequence: readonly number[] | null,
  promptLength: number,
): Tensor[] {
  const history = sequence !== null && withHistory ? sequence : []
  return [
    sequence === null ? unwantedTensor : options,
    idsTensor('history', history),
    idsTensor('prompt', [promptLength]),
  ]
}

/** Outputs of `generate`, or of the last stage, as values. */
export interface WholeTokens {
  ids: number[]
  finish: Finish
  logprobs: NonNullable<AnswerChunk['logprobs']> | undefined
}

/** Reads outputs whose form is right (checkAnswerForm), of an answer that was not broken off. */
export function madeTokens(outputs: readonly Tensor[]): WholeTokens {
  const { ids, finish, logprobs } = readMadeTokens(outputs)
  return { ids: [...ids], finish: finish!, logprobs: logprobs ?? undefined }
}

/**
 * Tokens as the outputs of `generate`: with `finish` null those of an answer that was broken off.
 * @param logprobs of all tokens; null where none were asked for
 * @param count alternatives of each
 */
export function tokenTensors(
  ids: readonly number[],
  finish: Finish | null,
  logprobs: readonly TokenLogprobs[] | null,
  count: number,
): Tensor[] {
  const outputs = [idsTensor('ids', ids)]
  if (finish !== null) outputs.push(idsTensor('finish', [finishCodes[finish]]))
  if (logprobs === null) return outputs
  const top = logprobs.flatMap(([, alternatives]) => alternatives)
  const shape = [ids.length, count]
  return [
    ...outputs,
    tensorOf(
      'logprobs',
      'FP32',
      [ids.length],
      Float32Array.from(logprobs, ([own]) => own),
    ),
    tensorOf(
      'top_ids',
      'INT32',
      shape,
      Int32Array.from(top, ([id]) => id),
    ),
    tensorOf(
      'top_logprobs',
      'FP32',
      shape,
      Float32Array.from(top, ([, value]) => value),
    ),
  ]
}

/** Prompt tokens that a tab says it had in a cache: 0 to the prompt's length, whatever it says. */
export function cachedTokens(outputs: readonly Tensor[], promptLength: number): number {
  const cached = outputs.find(({ name }) => name === 'cached')
  if (cached?.datatype !== 'INT32' || cached.bytes.byteLength !== 4) return 0
  const said = (elementsOf(cached) as Int32Array)[0]!
  return Math.min(Math.max(said, 0), promptLength)
}

/** Rows of hidden states as they are stored and sent: the tensors of one row each and their bytes. */
export function hiddenParts({ hidden, width }: Pick<LanguageModel, 'hidden' | 'width'>): {
  name: string
  datatype: Tensor['datatype']
  columns: number
  rowBytes: number
}[] {
  switch (hidden) {
    case 'f32':
      return [{ name: 'hidden', datatype: 'FP32', columns: width, rowBytes: width * 4 }]
    case 'f16':
      return [{ name: 'hidden', datatype: 'FP16', columns: width, rowBytes: width * 2 }]
    case 'int8': {
      const blocks = Math.ceil(width / 64)
      return [
        { name: 'hidden', datatype: 'INT8', columns: width, rowBytes: width },
        { name: 'scales', datatype: 'FP16', columns: blocks, rowBytes: blocks * 2 },
      ]
    }
    default:
      return hidden satisfies never
  }
}
