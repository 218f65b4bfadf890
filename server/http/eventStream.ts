import type { FastifyReply } from 'fastify'
import type { Clock } from '../clock.ts'

/** A comment keeps proxies from closing a silent stream, every so often, ms. */
const KEEP_ALIVE_MS = 15_000

/** An answer of server-sent events. */
export interface EventStream {
  send(event: string, data: unknown): void
  /** The reader is slower than the events: what can wait for a newer one should not be sent. */
  readonly behind: boolean
  end(): void
}

/** Opens it. `closed` is called once, when the reader has left or the stream has ended. */
export function openEventStream(reply: FastifyReply, clock: Clock, closed: () => void): EventStream {
  const { raw } = reply
  reply.hijack()
  raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
    'x-request-id': reply.request.id,
  })
  let cancel = clock.after(KEEP_ALIVE_MS, function again() {
    if (!raw.writableNeedDrain) raw.write(': still here\n\n')
    cancel = clock.after(KEEP_ALIVE_MS, again)
  })
  raw.once('close', () => {
    cancel()
    closed()
  })
  return {
    send: (event, data) => void raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    get behind() {
      return raw.writableNeedDrain
    },
    end: () => void raw.end(),
  }
}
