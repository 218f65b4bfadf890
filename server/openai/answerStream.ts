import type { FastifyReply } from 'fastify'
import type { OpentabError } from '../../protocol/errors.ts'
import type { Clock } from '../clock.ts'
import { errorBody } from '../http/errorBody.ts'
import { KEEP_ALIVE_MS } from './openaiLimits.ts'

/** A streamed answer: server-sent events as OpenAI's clients read them. */
export interface AnswerStream {
  /** The head is sent: an error can be no HTTP status any more. */
  readonly begun: boolean
  /** The reader has not taken what was sent: more should wait for `onDrain`. */
  readonly behind: boolean
  /** Sends one event; `event` names it where the API has names. */
  send(data: unknown, event?: string): void
  /** Sends a text that is no JSON, e.g. `[DONE]`. */
  sendText(data: string): void
  /** Ends it, or takes back what was prepared where nothing was sent. */
  end(): void
  /** Cuts the reader off. */
  cut(): void
}

/**
 * Prepares a stream. Its head goes out with the first event, so that a request that fails before has a true status, or
 * with the first comment that keeps a waiting connection open.
 */
export function openAnswerStream(reply: FastifyReply, clock: Clock, onDrain: () => void): AnswerStream {
  const { raw } = reply
  let begun = false
  const begin = (): void => {
    if (begun) return
    begun = true
    reply.hijack()
    raw.on('drain', onDrain)
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
      'x-request-id': reply.request.id,
    })
  }
  let cancel = clock.after(KEEP_ALIVE_MS, function again() {
    begin()
    if (!raw.writableNeedDrain) raw.write(': keep-alive\n\n')
    cancel = clock.after(KEEP_ALIVE_MS, again)
  })
  raw.once('close', () => cancel())
  const write = (text: string): void => {
    begin()
    if (!raw.destroyed) raw.write(text)
  }
  return {
    get begun() {
      return begun
    },
    get behind() {
      return raw.writableNeedDrain
    },
    send: (data, event) =>
      write(`${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`),
    sendText: (data) => write(`data: ${data}\n\n`),
    end() {
      cancel()
      if (begun) raw.end()
    },
    cut() {
      cancel()
      raw.destroy()
    },
  }
}

/** An error in the middle of a stream, in the form that OpenAI's clients throw. */
export const streamError = (error: OpentabError): object => errorBody(error)
