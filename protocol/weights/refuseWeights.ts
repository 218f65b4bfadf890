import { OpentabError } from '../errors.ts'

/** Longest name that is repeated in a message, characters. */
const SHOWN_NAME = 80

/** A refusal of weights: the reason is a sentence that names the tensor and the numbers. */
export const refuseWeights = (reason: string, fix?: string): OpentabError =>
  new OpentabError('model_refused', reason, fix === undefined ? {} : { fix })

/** A tensor's name as it goes into a message: quoted, cut, without control characters. */
export const quotedName = (name: string): string =>
  JSON.stringify(name.length > SHOWN_NAME ? `${name.slice(0, SHOWN_NAME)}…` : name)
