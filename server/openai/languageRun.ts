import { OpentabError } from '../../protocol/errors.ts'
import type { Constraint, GenerateOptions } from '../../protocol/generation.ts'
import type { ServedModel } from '../../protocol/manifest.ts'
import type { FlowContext } from '../jobs/flow.ts'
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
export interface LanguageEvent extends ChoiceDelta {
  choice: number
}

/**
 * Makes a prompt's answers, all at once. Emits a LanguageEvent for what comes.
 * @throws OpentabError `context_length_exceeded`, `invalid_value`, and what FlowContext.answer rejects with
 */
export async function runChoices(
  run: LanguageRun,
  context: FlowContext,
): Promise<{ choices: Choice[]; usage: TokenUsage }> {
  const { model, text, prompt, request, tools, stamp } = run
  const language = model.manifest.language!
  const maxTokens = roomFor(run)
  refuseForeignTokens(
    request.sampling.logitBias.map(([id]) => id),
    language,
    'logit_bias',
  )
  const made = await Promise.all(
    Array.from({ length: run.choices }, async (_, i) => {
      const choice = run.firstChoice + i
      const options: GenerateOptions = {
        maxTokens,
        sampling: samplingOf(request.sampling, language, seedOfChoice(stamp.seed, choice)),
        endTokens: [...language.generation.endTokens],
        stop: request.stops,
        constraint: request.constraint,
        topLogprobs: request.topLogprobs,
      }
      const asText = new ChoiceText({
        text,
        stops: request.stops,
        tools,
        logprobs: request.topLogprobs !== null,
      })
      const emit = (delta: ChoiceDelta): void => {
        if (run.stream && (delta.pieces.length > 0 || delta.logprobs.length > 0))
          context.emit({ choice, ...delta } satisfies LanguageEvent)
      }
      if (run.echo) emit({ pieces: [{ kind: 'content', text: run.echo }], logprobs: [] })
      const answer = await context.answer(
        choice,
        { model, prompt, options },
        // Log-probabilities come with the tokens alone.
        run.stream || request.topLogprobs !== null ? (chunk) => emit(asText.push(chunk)) : null,
      )
      const { delta, choice: whole } = asText.end(answer)
      emit(delta)
      whole.content = (run.echo ?? '') + whole.content
      return { answer, whole }
    }),
  )
  return {
    choices: made.map(({ whole }) => whole),
    usage: {
      promptTokens: prompt.length,
      completionTokens: made.reduce((sum, { answer }) => sum + answer.ids.length, 0),
      cachedTokens: Math.min(prompt.length, made[0]?.answer.cachedTokens ?? 0),
    },
  }
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
