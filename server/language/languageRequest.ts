import type { ServedLanguageModel } from '../placement/assignModels.ts'
import type { AnswerRequest } from './answer.ts'

/** A request whose model is known to be a language model. */
export interface LanguageRequest extends AnswerRequest {
  model: ServedLanguageModel
}
