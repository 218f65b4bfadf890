import { OpentabError } from '../../protocol/errors.ts'

/** A refusal of a model file: the reason is a sentence that names the operator or tensor. */
export const refusal = (reason: string, fix?: string): OpentabError =>
  new OpentabError('model_refused', reason, fix === undefined ? {} : { fix })
