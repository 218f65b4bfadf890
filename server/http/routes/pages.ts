import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import type { NetworkDocument } from '../../../protocol/network.ts'
import { renderNetworkHtml } from '../../../protocol/networkPage.ts'
import { type PageServer, pageHeaders, pageSender } from '../pageSender.ts'

/** The compute worker and what it loads: no network at all. */
const COMPUTE_POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' blob:; worker-src 'self' blob:; connect-src 'none'"
/** The lab's frame for foreign expressions: an origin that nobody shares, without storage, GPU and network. */
const SANDBOX_POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; worker-src blob:; frame-ancestors 'self'; sandbox allow-scripts"

/** What the pages need of their server. */
export interface PageContext extends PageServer {
  network: { document(): NetworkDocument }
}

/**
 * The built pages: `/`, `/network`, `/chat`, `/lab`, `/account/0x..` and their assets. The assets go out as the build compressed them.
 * @param dist folder of the build
 */
export const pageRoutes = (dist: string) => (app: FastifyInstance, context: PageContext) => {
  const sendPage = pageSender(dist, context)
  app.register(fastifyStatic, {
    root: join(dist, 'assets'),
    prefix: '/assets/',
    preCompressed: true,
    immutable: true,
    maxAge: '365d',
    setHeaders(response, path) {
      response.headers(pageHeaders)
      if (path.includes('/assets/compute/')) response.header('content-security-policy', COMPUTE_POLICY)
      if (path.includes('/assets/sandbox/')) response.header('content-security-policy', SANDBOX_POLICY)
    },
  })
  const paths = ['/', '/index.html', '/chat', '/chat/', '/lab', '/lab/']
  for (const path of [...paths, '/account/:address', '/account/:address/'])
    app.get(path, (request, reply) => sendPage(request, reply))
  for (const path of ['/network', '/network/'])
    app.get(path, (request, reply) =>
      sendPage(request, reply, { noscript: renderNetworkHtml(context.network.document()) }),
    )
}
