import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** How long the relay may take to answer, ms: it judges a program before it takes it. */
const RELAY_MS = 30_000
/** Largest job that is passed on, bytes; the relay has a limit of its own. */
const MAX_JOB_BYTES = 512 * 1024 * 1024

/** What the lab's page asks a relay for, passed on to one as it is: kernel jobs, who is connected, the log's checkpoint. */
export function relayRoutes(app: FastifyInstance, relayUrl: string): void {
  // Only JSON, as it came: a page of another site cannot have a browser send that here.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: MAX_JOB_BYTES },
    (_, body, done) => done(null, body),
  )
  const passOn = (path: string) => (request: FastifyRequest, reply: FastifyReply) =>
    ask(`${relayUrl}${path}`, request, reply)
  app.get('/v1/network', passOn('/v1/network'))
  app.get('/log/checkpoint', passOn('/log/checkpoint'))
  app.post('/v1/jobs', passOn('/v1/jobs'))
  app.route<{ Params: { id: string } }>({
    method: ['GET', 'DELETE'],
    url: '/v1/jobs/:id(^[\\w-]+$)',
    handler: (request, reply) => ask(`${relayUrl}/v1/jobs/${request.params.id}`, request, reply),
  })
}

async function ask(
  url: string,
  { method, headers, body }: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { authorization } = headers
  let answer: Response
  let bytes: ArrayBuffer
  try {
    answer = await fetch(url, {
      method,
      headers: {
        ...(authorization !== undefined && { authorization }),
        ...(body instanceof Buffer && { 'content-type': 'application/json' }),
      },
      ...(body instanceof Buffer && { body: new Uint8Array(body) }),
      signal: AbortSignal.timeout(RELAY_MS),
    })
    bytes = await answer.arrayBuffer()
  } catch {
    const message = `No relay answers at ${new URL(url).origin}. Start one with npm start, or set OPENTAB_RELAY.`
    return reply.code(503).send({ error: { code: 'unreachable', message } })
  }
  return reply
    .code(answer.status)
    .type(answer.headers.get('content-type') ?? 'application/octet-stream')
    .send(Buffer.from(bytes))
}
