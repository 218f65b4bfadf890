import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FixtureChatRelay } from './fixtureChatRelay.ts'

let chat: FixtureChatRelay
beforeAll(async () => {
  chat = await FixtureChatRelay.open({ contextTokens: 2048 }, { QUEUE_WAIT_MS: '2000' })
})
afterAll(() => chat.close())

describe('a chat over HTTP', () => {
  it('is answered', async () => {
    const tab = await chat.tab(() => ['Hello ', 'there.'])
    const answer = await chat.relay.post('/v1/chat/completions', {
      model: 'fixture-chat',
      messages: [{ role: 'user', content: 'Hi' }],
    })
    console.log(answer.status, answer.text, [...answer.headers])
    const s = await chat.relay.post('/v1/chat/completions', {
      stream: true,
      stream_options: { include_usage: true },
      model: 'fixture-chat',
      messages: [{ role: 'user', content: 'Hi' }],
    })
    console.log(s.status, s.text, [...s.headers])
    const r = await chat.relay.post('/v1/responses', { stream: true, model: 'fixture-chat', input: 'Hi' })
    console.log(r.status, r.text, [...r.headers])
    tab.leave()
  })
})
