import type { Flow } from '../jobs/flow.ts'
import { chatUsage } from './chatAnswer.ts'
import type { LanguageFlowOptions } from './chatFlow.ts'
import { type Completion, completionHead, completionLogprobs } from './completionAnswer.ts'
import type { CompletionBody } from './completionRequest.ts'
import { type MadeChoices, roomFor, runChoices, type TokenUsage } from './languageRun.ts'
import type { LanguageText } from './languageText.ts'
import type { PromptAsker } from './promptQueue.ts'
import { refuseForeignTokens } from './samplingFields.ts'
import { systemFingerprint } from './systemFingerprint.ts'

/** Answers to plain prompts; emits a LanguageEvent for what comes. Answer i of prompt p is number p * choices + i. */
export const createCompletionFlow =
  ({ model, textOf, version }: LanguageFlowOptions): Flow<CompletionBody, Completion> =>
  async (body, context) => {
    const text = await textOf(model)
    const language = model.manifest.language!
    const prompts = await tokenised(body, text, context)
    for (const prompt of prompts) {
      refuseForeignTokens(prompt, language, 'prompt')
      roomFor({ model, prompt, request: body.request })
    }
    const echoed = prompts.map((prompt, i) => (body.echo ? echoOf(body, i, text, prompt) : ''))
    const fingerprint = systemFingerprint(model.hash, version)
    const made: MadeChoices[] = []
    let count = 0
    const runs = await Promise.all(
      prompts.map((prompt, i) => {
        const { choices, stamp, request, stream } = body
        const [firstChoice, echo] = [i * choices, echoed[i]!]
        return runChoices(
          { model, text, prompt, request, tools: null, choices, firstChoice, stamp, echo, stream },
          context,
          (one) => {
            made[i] = one
            if (++count === prompts.length) context.emit({ whole: completionOf(body, fingerprint, made) })
          },
        )
      }),
    )
    return completionOf(body, fingerprint, runs)
  }

/** @param runs the answers to each prompt */
function completionOf(body: CompletionBody, fingerprint: string, runs: readonly MadeChoices[]): Completion {
  const usages = runs.map(({ usage }) => usage)
  const sum = (field: keyof TokenUsage): number => usages.reduce((total, usage) => total + usage[field], 0)
  return {
    ...completionHead(body, fingerprint),
    choices: runs.flatMap(({ choices }, i) =>
      choices.map(({ content, logprobs, finish }, j) => ({
        index: i * body.choices + j,
        text: content,
        logprobs: logprobs && completionLogprobs(logprobs, 0),
        finish_reason: finish === 'length' ? ('length' as const) : ('stop' as const),
      })),
    ),
    usage: chatUsage({
      promptTokens: sum('promptTokens'),
      completionTokens: sum('completionTokens'),
      cachedTokens: sum('cachedTokens'),
    }),
  }
}

async function tokenised(
  { prompts }: CompletionBody,
  text: LanguageText,
  asker: PromptAsker,
): Promise<(readonly number[])[]> {
  const texts = prompts.filter((prompt) => typeof prompt === 'string')
  const ids = texts.length > 0 ? await text.prompts(texts, asker) : []
  return prompts.map((prompt) => (typeof prompt === 'string' ? ids.shift()! : prompt))
}

function echoOf(
  { prompts }: CompletionBody,
  index: number,
  text: LanguageText,
  ids: readonly number[],
): string {
  const prompt = prompts[index]!
  if (typeof prompt === 'string') return prompt
  const stream = text.openStream([])
  return stream.push(ids).text + stream.end().text
}
