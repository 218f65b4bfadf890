import type { NetworkDocument } from '../../../protocol/network.ts'
import type { Routes } from '../httpContext.ts'

/** Comment that keeps proxies from closing a silent stream, every so often, ms. */
const KEEP_ALIVE_MS = 15_000

/** `/v1/network`: the document, or a stream of it for those who accept `text/event-stream`. */
export const networkRoutes: Routes = (app, { network, core }) => {
  app.get('/v1/network', async (request, reply) => {
    if (!request.headers.accept?.includes('text/event-stream')) return network.document()
    reply.hijack()
    reply.raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    })
    const send = (document: NetworkDocument): void => {
      reply.raw.write(`event: network\ndata: ${JSON.stringify(document)}\n\n`)
    }
    send(network.document())
    const unsubscribe = network.subscribe(send)
    let cancel = core.clock.after(KEEP_ALIVE_MS, function again() {
      reply.raw.write(': still here\n\n')
      cancel = core.clock.after(KEEP_ALIVE_MS, again)
    })
    reply.raw.once('close', () => {
      cancel()
      unsubscribe()
    })
  })
}
