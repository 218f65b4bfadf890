import { OpentabError } from '../../protocol/errors.ts'

/**
 * Whether a check could not be made because its model is served no longer: that is the operator's doing, lasts, and says
 * nothing about the work, which is then accepted as not looked at.
 */
export const isModelGone = (error: unknown): boolean =>
  error instanceof OpentabError && error.code === 'model_not_found'
