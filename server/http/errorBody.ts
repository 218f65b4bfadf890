import { errorCatalogue, OpentabError } from '../../protocol/errors.ts'

/** OpenAI's error shape. `message` holds what happened and what to do. */
export interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: string }
}

/** What of a request an error about its body speaks of. */
export interface AskedRequest {
  headers: { 'content-length'?: string | undefined }
  /** Most bytes of a body that the route takes. */
  routeOptions: { bodyLimit?: number }
}

/** Anything thrown, as an OpentabError: fastify's and zod's own errors get their catalogue code. */
export function asOpentabError(error: unknown, request: AskedRequest): OpentabError {
  if (error instanceof OpentabError) return error
  const { code, statusCode, message } = (error ?? {}) as {
    code?: string
    statusCode?: number
    message?: string
  }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return bodyTooLarge(request)
  if (code === 'FST_ERR_CTP_INVALID_JSON_BODY') {
    return new OpentabError('invalid_value', 'The request body is not valid JSON.', {
      fix: 'Send a JSON object; look for a missing quote, comma or bracket.',
    })
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new OpentabError('invalid_value', message && sentence(message), { param: 'content-type' })
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new OpentabError('invalid_value', sentence(message ?? 'The request is malformed'))
  }
  return new OpentabError('internal', undefined, { cause: error })
}

/** Fastify's messages end without a full stop. */
const sentence = (message: string): string => (/[.!?]$/.test(message) ? message : `${message}.`)

/** A body that did not say its length was read up to the limit and no further. */
function bodyTooLarge({ headers, routeOptions: { bodyLimit } }: AskedRequest): OpentabError {
  const announced = headers['content-length']
  const size = announced === undefined ? `more than ${bodyLimit}` : announced
  return new OpentabError(
    'body_too_large',
    `The request body has ${size} bytes; this relay takes at most ${bodyLimit}.`,
  )
}

export function errorBody(error: OpentabError): ErrorBody {
  const { type } = errorCatalogue[error.code]
  const message = error.message.includes(error.fix) ? error.message : `${error.message} ${error.fix}`
  return { error: { message, type, param: error.param, code: error.code } }
}
