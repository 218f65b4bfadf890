import { transferHandlers } from 'comlink'
import { isErrorCode, OpentabError } from '../../protocol/errors.ts'

/** An OpentabError as it crosses a port. */
interface ErrorMessage {
  opentabError: {
    code: string
    message: string
    fix: string
    param: string | null
    retryAfterSeconds?: number
  }
}

const isErrorMessage = (value: unknown): value is ErrorMessage =>
  typeof value === 'object' && value !== null && 'opentabError' in value

/** What comlink gives its handler for thrown values. */
const thrownValue = (thrown: unknown): unknown =>
  typeof thrown === 'object' && thrown !== null && 'value' in thrown ? thrown.value : undefined

let done = false

/**
 * Makes an OpentabError that is thrown behind a comlink port arrive as an OpentabError with its code, message, fix and
 * param. Both ends call this once; other errors cross as comlink sends them.
 */
export function transferErrors(): void {
  const plain = transferHandlers.get('throw')
  if (done || !plain) return
  done = true
  transferHandlers.set('throw', {
    canHandle: plain.canHandle,
    serialize(thrown: unknown): [unknown, Transferable[]] {
      const error = thrownValue(thrown)
      if (!(error instanceof OpentabError)) return plain.serialize(thrown)
      const { code, message, fix, param, retryAfterSeconds } = error
      return [{ opentabError: { code, message, fix, param, retryAfterSeconds } } satisfies ErrorMessage, []]
    },
    deserialize(message: unknown): unknown {
      if (!isErrorMessage(message)) return plain.deserialize(message)
      const { code, message: text, fix, param, retryAfterSeconds } = message.opentabError
      throw new OpentabError(isErrorCode(code) ? code : 'internal', text, {
        fix,
        ...(param === null ? {} : { param }),
        ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      })
    },
  })
}
