import { type ErrorCode, isErrorCode } from '../../protocol/errors.ts'

/** Longest message of a failure, characters. */
const LONGEST_MESSAGE = 2000

/** The reason in a compute worker's rejection, which arrives as `{code, message}`. */
export function failureOf(error: unknown): { code: ErrorCode; message: string } {
  if (typeof error === 'object' && error !== null) {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
    const message = 'message' in error && typeof error.message === 'string' ? error.message : String(error)
    return { code: isErrorCode(code) ? code : 'internal', message: message.slice(0, LONGEST_MESSAGE) }
  }
  return { code: 'internal', message: String(error).slice(0, LONGEST_MESSAGE) }
}
