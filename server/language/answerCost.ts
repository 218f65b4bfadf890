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
