import { isErrorCode, OpentabError } from '../../protocol/errors.ts'

/** An error on its way between threads: the class is lost in a structured clone, so its fields travel. */
export interface SentError {
  code: string
  message: string
  fix?: string
  param?: string
}

export interface PipelineRequest {
  id: number
  method: string
  input: unknown
}

export type PipelineReply = { id: number; output: unknown } | { id: number; error: SentError }

/** The error's fields; what is not an OpentabError becomes `internal`. */
export function sendError(error: unknown): SentError {
  if (!(error instanceof OpentabError)) return { code: 'internal', message: String(error) }
  return { code: error.code, message: error.message, fix: error.fix, param: error.param ?? undefined }
}

/** The error that was sent. */
export function receiveError(sent: SentError): OpentabError {
  return new OpentabError(isErrorCode(sent.code) ? sent.code : 'internal', sent.message, {
    fix: sent.fix,
    param: sent.param,
  })
}

/** Every distinct buffer inside plain objects and arrays: what a message hands over instead of copying. */
export function buffersOf(value: unknown, found = new Set<ArrayBuffer>()): Set<ArrayBuffer> {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer)
  } else if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item !== 'object') break
      buffersOf(item, found)
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) buffersOf(item, found)
  }
  return found
}

/** A copy with memory of its own, which may be handed to the thread. (`Buffer.slice` would share its pool.) */
export const ownCopy = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)
