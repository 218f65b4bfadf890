import { OpentabError } from '../../protocol/errors.ts'
import { type MadeTokens, readMadeTokens } from '../../protocol/madeTokens.ts'
import type { GenerateTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { TextStream } from '../../protocol/text/textStream.ts'
import type { LoadedRun } from './createLanguageRunner.ts'
import { PickJudge } from './judgePick.ts'
import { nextTask } from './nextTask.ts'
import { type AnswerRequest, readAnswerRequest } from './readInputs.ts'
import { requireWanted } from './requireWanted.ts'
import { MAX_ROWS } from './stageChain.ts'

/** What is wrong with an answer. */
export interface WrongAnswer {
  /** Place of the token that is wrong; the answer's length where its end is. Whoever made that token is to blame. */
  place: number
  /** The sentence for the contributor. */
  reason: string
}

/**
 * Checks a whole answer in one pass over prompt and answer: each token that is not given must be the sampler's pick from
 * the logits of the row before it, or within LOGIT_SLACK of it; the end must be one of the options. Outputs without
 * `finish` are those of an answer that was broken off: its end is not looked at. The outputs have the right form already.
 * Null where the answer passes.
 * @throws OpentabError as `generate` of a language runner: then the answer is not checked
 */
export async function scoreAnswer(
  run: LoadedRun,
  task: GenerateTask,
  outputs: readonly Tensor[],
  signal: AbortSignal,
): Promise<WrongAnswer | null> {
  const request = readAnswerRequest(task.inputs, run.language)
  const made: MadeAnswer = { ...readMadeTokens(outputs), endsByPick: false }
  const early = await judgeEnd(run, request, made)
  if (early !== null) return early
  const { prompt, options, given } = request
  const constraint = await run.openConstraint(options)
  const judge = new PickJudge(options, run.language.vocabulary)
  // Whether the end is a pick that can be looked at: it is not where a text or a number ended the answer.
  const places = made.ids.length + (made.endsByPick ? 1 : 0)
  try {
    for (const id of given) constraint?.accept(id)
    const rows = logitsOf(run, [...prompt, ...made.ids], prompt.length - 1 + given.length, signal)
    let position = given.length
    for await (const logits of rows) {
      if (position >= places) break
      const id = made.ids[position] ?? null
      const history = { prompt, answer: made.ids.subarray(0, position) }
      const said = { id, logprobs: made.logprobs?.[position] ?? null, history, position }
      const reason = await judge.judge(logits, id === null ? { ...said, logprobs: null } : said, constraint)
      if (reason !== null) return { place: position, reason }
      if (id !== null) constraint?.accept(id)
      position++
    }
    return null
  } finally {
    constraint?.dispose()
  }
}

interface MadeAnswer extends MadeTokens {
  /** Whether an end token or the grammar must have ended it; known after judgeEnd. */
  endsByPick: boolean
}

/** Whether the answer goes on past its end, or ends before it; finds out what ended it. */
async function judgeEnd(
  run: LoadedRun,
  { prompt, options, given }: AnswerRequest,
  made: MadeAnswer,
): Promise<WrongAnswer | null> {
  const text = options.stop.length > 0 ? new TextStream(run.tokenizer(), options.stop) : null
  let stoppedAt = -1
  for (const [at, id] of made.ids.entries()) {
    if (text && text.push([id]).stopped !== null) {
      stoppedAt = at
      break
    }
  }
  const last = made.ids.length - 1
  if (stoppedAt >= 0 && stoppedAt < last && last >= given.length) {
    return {
      place: Math.max(stoppedAt + 1, given.length),
      reason: `Token ${stoppedAt} completes a stop string, and the answer goes on to token ${last}.`,
    }
  }
  if (made.finish === null) return null
  const wrongEnd = (reason: string): WrongAnswer => ({ place: made.ids.length, reason })
  const isFull =
    made.ids.length >= options.maxTokens || prompt.length + made.ids.length >= run.language.contextTokens
  if (made.finish === 'stop') {
    made.endsByPick = stoppedAt < 0
    if (made.endsByPick && isFull) {
      return wrongEnd(`The answer is full with ${made.ids.length} tokens, and is said to have stopped.`)
    }
  } else if (stoppedAt >= 0) {
    return wrongEnd(
      `Token ${stoppedAt} completes a stop string, and the answer is said to end for its length.`,
    )
  } else if (!isFull) {
    return wrongEnd(`The answer ends for its length after ${made.ids.length} of ${options.maxTokens} tokens.`)
  }
  return null
}

/** Logits of the rows from `first` on, f32[vocabulary] each, each as a view that the next piece replaces. */
async function* logitsOf(
  { language: { vocabulary }, stages: { chain, embedding } }: LoadedRun,
  tokens: readonly number[],
  first: number,
  signal: AbortSignal,
): AsyncGenerator<Float32Array> {
  if (!embedding) throw new OpentabError('model_failed', 'Only whole models can score answers.')
  const cache = chain.newCache()
  try {
    for (let from = 0; from < tokens.length; from += MAX_ROWS) {
      await nextTask()
      requireWanted(signal)
      const to = Math.min(tokens.length, from + MAX_ROWS)
      const hidden = embedding.rows(Int32Array.from(tokens.slice(from, to)))
      const wanted = Math.max(0, to - Math.max(from, first))
      const logits = await chain.run(cache, hidden, wanted)
      for (let row = 0; row < wanted; row++) {
        yield logits.subarray(row * vocabulary, (row + 1) * vocabulary)
      }
    }
  } finally {
    cache.free()
  }
}
