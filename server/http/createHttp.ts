import { isUtf8 } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import type { Registry } from 'prom-client'
import { OpentabError } from '../../protocol/errors.ts'
import type { Eip712Signer } from '../ledger/receipts/eip712Signer.ts'
import { checkOrigin } from './checkOrigin.ts'
import { asOpentabError, errorBody } from './errorBody.ts'
import { withExactSeeds } from './exactSeeds.ts'
import type { HttpContext } from './httpContext.ts'
import { MISSING_NOSCRIPT, wantsPage } from './missingPage.ts'
import { pageSender } from './pageSender.ts'
import { refuseLaterOptions } from './refuseLaterOptions.ts'
import { adminRoutes } from './routes/admin.ts'
import { blobRoutes } from './routes/blobs.ts'
import { chatRoutes } from './routes/chat.ts'
import { completionRoutes } from './routes/completions.ts'
import { healthRoutes } from './routes/health.ts'
import { inferenceRoutes } from './routes/inference.ts'
import { jobRoutes } from './routes/jobs.ts'
import { ledgerRoutes } from './routes/ledger.ts'
import { modelRoutes } from './routes/models.ts'
import { networkRoutes } from './routes/network.ts'
import { openInferenceRoutes } from './routes/openInference.ts'
import { pageRoutes } from './routes/pages.ts'
import { responseRoutes } from './routes/responses.ts'

/** How long a request may take to arrive, ms: a sender that trickles must not hold a connection for ever. */
const REQUEST_MS = 5 * 60_000

export interface HttpOptions {
  context: HttpContext
  signer: Eip712Signer
  metrics: Registry
  logger: FastifyBaseLogger
  /** Folder of the built pages. */
  pages: string
}

/** The relay's HTTP side: routes, errors in OpenAI's shape, request ids. */
export function createHttp({ context, signer, metrics, logger, pages }: HttpOptions): FastifyInstance {
  const sendPage = pageSender(pages, context)
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: context.config.MAX_BODY_BYTES,
    trustProxy: context.config.TRUST_PROXY,
    genReqId: () => `req_${randomBytes(9).toString('base64url')}`,
    requestIdHeader: false,
    routerOptions: { maxParamLength: 500 },
    forceCloseConnections: true,
    requestTimeout: REQUEST_MS,
    // A path that cannot be decoded never reaches a route.
    frameworkErrors: (thrown, request, reply) => {
      reply.header('x-request-id', request.id)
      if (wantsPage(request)) void sendPage(request, reply, { status: 400, noscript: MISSING_NOSCRIPT })
      else sendError(thrown, request, reply)
    },
    clientErrorHandler: (thrown, socket) => refuseMalformed(thrown, socket),
  })
  const takeBytes = (types: string | string[]): void => {
    app.addContentTypeParser(types, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  }
  takeBytes(['image/png', 'image/jpeg', 'application/octet-stream'])
  // Routes refuse what is of no use to them by themselves.
  takeBytes('*')
  // Many clients announce JSON on every call, also where they send nothing.
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (body.length === 0) done(null, undefined)
    else if (!isUtf8(body as Buffer))
      done(new OpentabError('invalid_value', 'The request body is not UTF-8.'))
    else {
      const text = body.toString()
      parseJson(request, text, (error, parsed) =>
        error === null
          ? done(null, withExactSeeds(text, parsed))
          : done(isJson(text) ? forbiddenName() : error),
      )
    }
  })

  app.addHook('onRequest', async (request) => checkOrigin(request.raw, context))
  app.addHook('preHandler', async ({ headers, body }) => refuseLaterOptions(headers, body))
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  app.addHook('onResponse', async (request, reply) => {
    if (reply.statusCode >= 500)
      request.log.warn(
        { url: request.url, status: reply.statusCode, ms: reply.elapsedTime },
        'request failed',
      )
  })
  app.setErrorHandler(sendError)
  app.setNotFoundHandler((request, reply) => {
    if (wantsPage(request)) return sendPage(request, reply, { status: 404, noscript: MISSING_NOSCRIPT })
    reply.header('vary', 'accept')
    throw notThere(request.method, request.url)
  })

  healthRoutes(app, context)
  modelRoutes(app, context)
  inferenceRoutes(app, context)
  chatRoutes(app, context)
  completionRoutes(app, context)
  responseRoutes(app, context)
  openInferenceRoutes(app, context)
  jobRoutes(app, context)
  blobRoutes(app, context)
  networkRoutes(app, context)
  ledgerRoutes(signer)(app, context)
  adminRoutes(app, context)
  pageRoutes(pages)(app, context)
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.metrics()),
  )
  return app
}

function sendError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = asOpentabError(thrown, request)
  if (error.code === 'internal') request.log.error({ err: error.cause ?? error }, 'internal error')
  const retryAfter = error.retryAfterSeconds ?? (error.entry.retryable ? 1 : undefined)
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter))
  reply.header('x-should-retry', String(error.entry.retryable))
  return reply.code(error.entry.status).send(errorBody(error))
}

/** What cannot be read as HTTP is answered in the same shape, and its connection closed. */
function refuseMalformed(thrown: Error & { code?: string }, socket: Socket): void {
  if (thrown.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const error = new OpentabError('invalid_value', 'The request is not valid HTTP.')
  const body = JSON.stringify(errorBody(error))
  socket.end(
    `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

function notThere(method: string, url: string): OpentabError {
  const path = url.split('?')[0]!
  return new OpentabError('not_found', `There is no ${method} ${path.slice(0, 200)}.`)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** JSON that its reader refuses for the names in it. */
const forbiddenName = (): OpentabError =>
  new OpentabError(
    'invalid_value',
    'The request body has a field `__proto__`, or `prototype` in a `constructor`.',
    {
      fix: 'Leave it out: no field may be named so.',
    },
  )
