import type { LanguageModel } from '../../protocol/language.ts'
import type { TokenLogprobs } from '../../protocol/sampling/logprobsOf.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { answerOutputs, cachedOutput } from './answerOutputs.ts'
import type { CacheShelf, Sequence } from './cacheShelf.ts'
import type { TokenChunk } from './languageRunner.ts'
import type { LoadedStages } from './loadStages.ts'
import { nextTask } from './nextTask.ts'
import type { AnswerRequest } from './readInputs.ts'
import { requireWanted } from './requireWanted.ts'
import { MAX_ROWS } from './stageChain.ts'
import type { TokenPicker } from './tokenPicker.ts'

/** A whole model that can run, and where its caches stand. */
export interface WholeModel {
  language: LanguageModel
  stages: LoadedStages
  shelf: CacheShelf
}

/**
 * Makes an answer token by token; `picker` has accepted the given tokens, and caches of the `scope` are used again. Other answers take their turns between two
 * tokens, and between two pieces of the prompt.
 */
export async function generateAnswer(
  model: WholeModel,
  { prompt, options, given, scope }: AnswerRequest & { scope: number },
  picker: TokenPicker,
  onTokens: (chunk: TokenChunk) => void,
  signal: AbortSignal,
): Promise<Tensor[]> {
  const { language, stages, shelf } = model
  const logprobs: TokenLogprobs[] = []
  let cached = 0
  if (picker.finish === null) {
    requireWanted(signal)
    const sequence = shelf.openAnswer(stages.chain, [...prompt, ...given], scope)
    cached = Math.min(sequence.cache.rows, prompt.length)
    const logits = new Float32Array(language.vocabulary)
    try {
      while (picker.finish === null) {
        const last = await lastLogits(model, sequence, logits, signal, (rows) => {
          cached = Math.min(cached, rows)
        })
        const picked = await picker.next(last)
        if (!picked) break
        sequence.tokens.push(picked.id)
        if (picked.logprobs) logprobs.push(picked.logprobs)
        onTokens({
          from: picker.answer.length - 1,
          ids: [picked.id],
          ...(picked.logprobs && { logprobs: [picked.logprobs] }),
        })
      }
    } finally {
      shelf.close(sequence)
    }
  }
  const finish = picker.finish ?? 'stop'
  const { topLogprobs } = options
  return [...answerOutputs({ ids: picker.answer, finish, topLogprobs, logprobs }), cachedOutput(cached)]
}

/**
 * Computes the rows of the sequence's tokens that its cache lacks, a piece at a time, and gives the logits of the last
 * one: f32[vocabulary], maybe in `into`. `onRows` hears how many rows there were before each piece.
 */
async function lastLogits(
  { stages: { chain, embedding }, shelf }: WholeModel,
  sequence: Sequence,
  into: Float32Array,
  signal: AbortSignal,
  onRows: (rows: number) => void,
): Promise<Float32Array> {
  const { tokens, cache } = sequence
  for (;;) {
    await nextTask()
    requireWanted(signal)
    const from = cache.rows
    const to = Math.min(tokens.length, from + MAX_ROWS)
    await shelf.grow(sequence, to, signal)
    // An older answer may have needed the room of these rows.
    if (cache.rows !== from) continue
    onRows(from)
    const isLast = to === tokens.length
    const hidden = embedding!.rows(Int32Array.from(tokens.slice(from, to)))
    const logits = await chain.run(cache, hidden, isLast ? 1 : 0, into)
    if (isLast) return logits
  }
}
