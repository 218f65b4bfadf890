import { errorCatalogue, OpentabError } from '../../protocol/errors.ts'

/** OpenAI's error shape. `message` holds what happened and what to do. */
export interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: string }
}

/** Anything thrown, as an OpentabError: fastify's and zod's own errors get their catalogue code. */
export function asOpentabError(error: unknown): OpentabError {
  if (error instanceof OpentabError) return error
  const { code, statusCode, message } = (error ?? {}) as {
    code?: string
    statusCode?: number
    message?: string
  }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new OpentabError('body_too_large')
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new OpentabError('invalid_value', message, { param: 'content-type' })
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new OpentabError('invalid_value', message ?? 'The request is malformed.')
  }
  return new OpentabError('internal', undefined, { cause: error })
}

export function errorBody(error: OpentabError): ErrorBody {
  const { type } = errorCatalogue[error.code]
  const message = error.message.includes(error.fix) ? error.message : `${error.message} ${error.fix}`
  return { error: { message, type, param: error.param, code: error.code } }
}
