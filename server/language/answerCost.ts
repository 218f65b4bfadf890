import { type LanguageModel, languageOperations } from '../../protocol/language.ts'
import { wholeRange } from '../../protocol/manifest.ts'
import type { StageRows } from './stageRows.ts'

/**
 * Canonical operations of an answer: every row of prompt and answer through all layers from the first one, and one row
 * of logits a token. What a tab had in a cache is paid like the rest.
 */
export const answerOperations = (model: LanguageModel, promptTokens: number, tokens: number): number =>
  languageOperations(model, wholeRange(model), {
    from: 0,
    to: promptTokens + tokens,
    logitRows: Math.max(tokens, 1),
  })

/**
 * What one lease of an answer is paid: the rows of its own tokens, places `from` up to `to` of the answer, and with
 * `prompt` the prompt's, which the lease gets that ends the answer. All leases of an answer together cost what it does.
 * @param paidRows rows through each stage that its address was paid for already, over a ring: not paid again
 */
export const leaseOperations = (
  model: LanguageModel,
  promptTokens: number,
  { from, to, prompt }: { from: number; to: number; prompt: boolean },
  paidRows?: StageRows,
): number => {
  const tokens = to - from
  let operations = 0
  for (let stage = 0; stage < model.stages.length; stage++) {
    const range = { first: stage, last: stage }
    const paid = paidRows?.of(range) ?? 0
    const rows = (begin: number, end: number, logitRows: number): number =>
      languageOperations(model, range, { from: Math.min(Math.max(begin, paid), end), to: end, logitRows })
    operations += rows(promptTokens + from, promptTokens + to, prompt ? Math.max(tokens, 1) : tokens)
    if (prompt) operations += rows(0, promptTokens, 0)
  }
  return operations
}
