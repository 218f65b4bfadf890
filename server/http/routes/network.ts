import type { NetworkDocument } from '../../../protocol/network.ts'
import { openEventStream } from '../eventStream.ts'
import type { Routes } from '../httpContext.ts'

/** `/v1/network`: the document, or a stream of it for those who accept `text/event-stream`. */
export const networkRoutes: Routes = (app, { network, core }) => {
  app.get('/v1/network', async (request, reply) => {
    if (!request.headers.accept?.includes('text/event-stream')) return network.document()
    const send = (document: NetworkDocument): void => {
      if (!stream.behind) stream.send('network', document)
    }
    const unsubscribe = network.subscribe(send)
    const stream = openEventStream(reply, core.clock, unsubscribe)
    send(network.document())
  })
}
