import { OpentabError } from '../../protocol/errors.ts'
import type { Constraint, GenerateOptions } from '../../protocol/generation.ts'
import type { ServedModel } from '../../protocol/manifest.ts'
import type { FlowContext } from '../jobs/flow.ts'
import type { Answer, AnswerChunk } from '../language/answer.ts'
import { type Choice, type ChoiceDelta, ChoiceText } from './choiceText.ts'
import type { LanguageText } from './languageText.ts'
import { type RequestStamp, seedOfChoice } from './requestStamp.ts'
import { type RequestedSampling, refuseForeignTokens, samplingOf } from './samplingFields.ts'
import type { ToolCallStreamOptions } from './toolCallStream.ts'

/** What all three calls ask of a model, beside the prompt. */
export interface GenerationRequest {
  sampling: RequestedSampling
  /** Most tokens of an answer; null for what fits the context. */
  maxTokens: number | null
  /** The request's field that says so, for errors. */
  maxTokensField: string
  stops: string[]
  constraint: Constraint | null
  /** Alternatives of each token to give log-probabilities of; null for none at all. */
  topLogprobs: number | null
}

export interface LanguageRun {
  model: ServedModel
  text: LanguageText
  prompt: readonly number[]
  request: GenerationRequest
  tools: ToolCallStreamOptions | null
  /** Answers to make, and the number of the first in its job. */
  choices: number
  firstChoice: number
  stamp: RequestStamp
  /** Text that every answer begins with. */
  echo?: string
  /** Whether somebody reads along: an answer that fails its check can then not be made again. */
  stream: boolean
}

export interface TokenUsage {
  promptTokens: number
  completionTokens: number
  cachedTokens: number
}

/** A part of an answer of a job, for whoever waits; `choice` counts the job's answers. */
export interface AnswerEvent extends ChoiceDelta {
  choice: number
}

/** What a flow tells whoever reads along: parts of answers, then the body of the answer before its checks. */
export type LanguageEvent = AnswerEvent | { whole: unknown }

/** All answers to a prompt. */
export interface MadeChoices {
  choices: Choice[]
  usage: TokenUsage
}

/**
 * Makes a prompt's answers, all at once. Where somebody reads along it emits an AnswerEvent for what comes.
 * @param onMade hears of the whole answers before their checks, where somebody reads along
 * @throws OpentabError `context_length_exceeded`, `invalid_value`, and what FlowContext.answer rejects with
 */
export async function runChoices(
  run: LanguageRun,
  context: FlowContext,
  onMade: (made: MadeChoices) => void,
): Promise<MadeChoices> {
  roomFor(run)
  const logitBias = run.request.sampling.logitBias.map(([id]) => id)
  refuseForeignTokens(logitBias, run.model.manifest.language!, 'logit_bias')
  const ended: EndedChoice[] = []
  const made = (): MadeChoices => ({
    choices: ended.map(({ whole }) => whole),
    usage: {
      promptTokens: run.prompt.length,
      completionTokens: ended.reduce((sum, { tokens }) => sum + tokens, 0),
      cachedTokens: Math.min(run.prompt.length, ended[0]!.cachedTokens),
    },
  })
  let count = 0
  await Promise.all(
    Array.from({ length: run.choices }, (_, i) =>
      runChoice(run, run.firstChoice + i, context, (choice) => {
        ended[i] = choice
        if (++count === run.choices && run.stream) onMade(made())
      }),
    ),
  )
  return made()
}

interface EndedChoice {
  whole: Choice
  tokens: number
  cachedTokens: number
}

/** One answer. Resolves when its checks are done; `onMade` hears of it before. */
async function runChoice(
  run: LanguageRun,
  choice: number,
  context: FlowContext,
  onMade: (ended: EndedChoice) => void,
): Promise<void> {
  const { model, text, prompt, request, tools, stamp, echo = '' } = run
  const language = model.manifest.language!
  const wantsLogprobs = request.topLogprobs !== null
  const options: GenerateOptions = {
    maxTokens: roomFor(run),
    sampling: samplingOf(request.sampling, language, seedOfChoice(stamp.seed, choice)),
    endTokens: [...language.generation.endTokens],
    stop: request.stops,
    constraint: request.constraint,
    topLogprobs: request.topLogprobs,
  }
  const asText = new ChoiceText({ text, stops: request.stops, tools, logprobs: wantsLogprobs })
  const emit = (delta: ChoiceDelta): void => {
    if (run.stream && (delta.pieces.length > 0 || delta.logprobs.length > 0))
      context.emit({ choice, ...delta } satisfies AnswerEvent)
  }
  let isMade = false
  const end = ({ ids, finish, cachedTokens, logprobs }: Omit<Answer, 'deviceClasses'>): void => {
    if (isMade) return
    isMade = true
    const { delta, choice: whole } = asText.end({ ids, finish, logprobs })
    emit(delta)
    whole.content = echo + whole.content
    onMade({ whole, tokens: ids.length, cachedTokens })
  }
  const onChunk = (chunk: AnswerChunk): void => {
    emit(asText.push(chunk))
    if (chunk.end) end({ ids: asText.ids, ...chunk.end })
  }
  if (echo !== '') emit({ pieces: [{ kind: 'content', text: echo }], logprobs: [] })
  const answer = await context.answer(choice, { model, prompt, options }, run.stream ? onChunk : null)
  end(answer)
}

/**
 * Most tokens of an answer.
 * @throws OpentabError `context_length_exceeded` with both numbers, `invalid_value` for an empty prompt
 */
export function roomFor({
  model,
  prompt,
  request,
}: Pick<LanguageRun, 'model' | 'prompt' | 'request'>): number {
  const { contextTokens } = model.manifest.language!
  if (prompt.length === 0)
    throw new OpentabError('invalid_value', 'The prompt has no tokens.', { param: 'prompt' })
  const { maxTokens, maxTokensField } = request
  const wanted = prompt.length + (maxTokens ?? 1)
  if (wanted <= contextTokens) return maxTokens ?? contextTokens - prompt.length
  const asked =
    maxTokens === null
      ? `your prompt has ${prompt.length} tokens and leaves no room for an answer`
      : `you requested ${wanted} tokens (${prompt.length} in the prompt, ${maxTokens} for the answer by \`${maxTokensField}\`)`
  throw new OpentabError(
    'context_length_exceeded',
    `This model's maximum context length is ${contextTokens} tokens, however ${asked}.`,
    { param: prompt.length < contextTokens ? maxTokensField : 'messages' },
  )
}
