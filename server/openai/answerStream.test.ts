import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../clock.ts'
import { type AnswerStream, openAnswerStream } from './answerStream.ts'

let app: ReturnType<typeof Fastify>
let clock: ManualClock
let drained: number
/** Opens a stream for each request, and gives it. */
let next: Promise<{ stream: AnswerStream; reply: FastifyReply }>
let port: number

beforeEach(async () => {
  clock = new ManualClock()
  drained = 0
  app = Fastify()
  let opened = (_: { stream: AnswerStream; reply: FastifyReply }): void => {}
  next = new Promise((resolve) => {
    opened = resolve
  })
  app.get('/', (_: FastifyRequest, reply: FastifyReply) =>
    opened({ stream: openAnswerStream(reply, clock, () => drained++), reply }),
  )
  await app.listen({ port: 0 })
  port = (app.server.address() as AddressInfo).port
})
afterEach(() => app.close())

const ask = (): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => get({ port }, resolve).on('error', reject))

describe('a streamed answer', () => {
  it('sends its head with the first event and not before, so that an error has its own status', async () => {
    const asked = ask()
    const { stream, reply } = await next
    expect(stream.begun).toBe(false)
    stream.end()
    void reply.code(503).send('none')
    expect((await asked).statusCode).toBe(503)
  })

  it('says that it is still there every 15 s while it waits', async () => {
    const asked = ask()
    const { stream } = await next
    clock.advance(14_999)
    expect(stream.begun).toBe(false)
    clock.advance(1)
    expect(stream.begun).toBe(true)
    const answer = await asked
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8')
    clock.advance(15_000)
    stream.send({ a: 1 })
    stream.send({ b: 2 }, 'named')
    stream.sendText('[DONE]')
    stream.end()
    let text = ''
    for await (const chunk of answer) text += String(chunk)
    expect(text).toBe(
      ': keep-alive\n\n: keep-alive\n\ndata: {"a":1}\n\nevent: named\ndata: {"b":2}\n\ndata: [DONE]\n\n',
    )
    clock.advance(60_000)
  })

  it('is behind while its reader takes nothing, and says when there is room again', async () => {
    const asked = ask()
    const { stream } = await next
    stream.send('begin')
    const answer = await asked
    answer.pause()
    while (!stream.behind) stream.send('x'.repeat(100_000))
    expect(drained).toBe(0)
    let bytes = 0
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength
    })
    answer.resume()
    const ended = new Promise((resolve) => answer.on('end', resolve))
    await new Promise<void>((resolve) => {
      const look = (): void => void (drained > 0 ? resolve() : setImmediate(look))
      look()
    })
    expect(stream.behind).toBe(false)
    stream.end()
    await ended
    expect(bytes).toBeGreaterThan(100_000)
  })

  it('sends nothing more to a reader who was cut off', async () => {
    const asked = ask()
    const { stream } = await next
    stream.send('begin')
    const answer = await asked
    stream.cut()
    stream.send('more')
    stream.end()
    let text = ''
    await expect(
      (async () => {
        for await (const chunk of answer) text += String(chunk)
      })(),
    ).rejects.toThrow(/aborted/)
    expect(text).toBe('data: "begin"\n\n')
  })
})
