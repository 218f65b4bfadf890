import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { NetworkDocument } from '../../../protocol/network.ts'
import { renderNetworkHtml } from '../../../protocol/networkPage.ts'
import { packText } from '../packText.ts'

/** Without cross-origin isolation a page has no SharedArrayBuffer and WASM no threads. */
const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
} as const

const PAGE_POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
/** The compute worker and what it loads: no network at all. */
const COMPUTE_POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' blob:; worker-src 'self' blob:; connect-src 'none'"
/** The lab's frame for foreign expressions: an origin that nobody shares, without storage, GPU and network. */
const SANDBOX_POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; worker-src blob:; frame-ancestors 'self'; sandbox allow-scripts"

const headers = {
  ...isolation,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const

/** What the pages need of their server. */
export interface PageContext {
  config: { TEST: boolean }
  network: { document(): NetworkDocument }
  /** Whether this is the lab's own server, which answers to no other page. */
  isLab?: boolean
}

/**
 * The built pages: `/`, `/network`, `/chat`, `/lab`, `/account/0x..` and their assets. The assets go out as the build compressed them.
 * @param dist folder of the build
 */
export const pageRoutes = (dist: string) => (app: FastifyInstance, context: PageContext) => {
  async function sendPage(
    request: FastifyRequest,
    reply: FastifyReply,
    noscript = '',
  ): Promise<FastifyReply> {
    // Never remembered: it names the assets that are there now.
    const html = await readFile(join(dist, 'index.html'), 'utf8').catch(() => null)
    reply.headers(headers).header('content-security-policy', PAGE_POLICY).header('cache-control', 'no-cache')
    reply.type('text/html; charset=utf-8')
    if (html === null) {
      return reply
        .code(503)
        .send(
          '<!doctype html><title>Opentab</title><p>The pages are not built yet: run <code>npm start</code>.',
        )
    }
    const test = context.config.TEST ? '<meta name="opentab-test" content="1">' : ''
    const lab = context.isLab ? '<meta name="opentab-lab" content="1">' : ''
    const text = html
      .replace('<!--opentab-head-->', () => test + lab)
      .replace('<!--opentab-noscript-->', () => noscript)
    const { encoding, bytes } = await packText(text, request.headers['accept-encoding'])
    if (encoding) reply.header('content-encoding', encoding)
    return reply.header('vary', 'accept-encoding').send(bytes)
  }

  app.register(fastifyStatic, {
    root: join(dist, 'assets'),
    prefix: '/assets/',
    preCompressed: true,
    immutable: true,
    maxAge: '365d',
    setHeaders(response, path) {
      response.headers(headers)
      if (path.includes('/assets/compute/')) response.header('content-security-policy', COMPUTE_POLICY)
      if (path.includes('/assets/sandbox/')) response.header('content-security-policy', SANDBOX_POLICY)
    },
  })
  app.get('/', (request, reply) => sendPage(request, reply))
  app.get('/network', (request, reply) =>
    sendPage(request, reply, renderNetworkHtml(context.network.document())),
  )
  app.get('/chat', (request, reply) => sendPage(request, reply))
  app.get('/lab', (request, reply) => sendPage(request, reply))
  app.get('/account/:address', (request, reply) => sendPage(request, reply))
}
