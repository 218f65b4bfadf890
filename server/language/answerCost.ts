import { type LanguageModel, languageOperations } from '../../protocol/language.ts'
import { wholeRange } from '../../protocol/manifest.ts'

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
 */
export const leaseOperations = (
  model: LanguageModel,
  promptTokens: number,
  { from, to, prompt }: { from: number; to: number; prompt: boolean },
): number => {
  const tokens = to - from
  const own = languageOperations(model, wholeRange(model), {
    from: promptTokens + from,
    to: promptTokens + to,
    logitRows: prompt ? Math.max(tokens, 1) : tokens,
  })
  if (!prompt) return own
  return own + languageOperations(model, wholeRange(model), { from: 0, to: promptTokens, logitRows: 0 })
}
