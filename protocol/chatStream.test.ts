import { expect, it } from 'vitest'
import { type ChatEvent, readChatStream } from './chatStream.ts'

const chunk = (delta: object, rest: object = {}, more: object = {}): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, ...rest }], ...more })}\n\n`

/** The events of a stream that arrives in pieces of that many bytes. */
async function read(text: string, pieceBytes = 7): Promise<ChatEvent[]> {
  const bytes = new TextEncoder().encode(text)
  async function* pieces() {
    for (let at = 0; at < bytes.byteLength; at += pieceBytes) yield bytes.slice(at, at + pieceBytes)
  }
  const events: ChatEvent[] = []
  for await (const event of readChatStream(pieces())) events.push(event)
  return events
}

const done = 'data: [DONE]\n\n'

it('reads text, the end with its receipts, and the usage, however the bytes are cut', async () => {
  const text =
    chunk({ role: 'assistant', content: '' }) +
    ': still here\n\n' +
    chunk({ content: 'Grüße, ' }) +
    chunk({ content: '世界' }) +
    chunk({}, { finish_reason: 'stop' }, { opentab: { receipts: ['rcpt_1'] } }) +
    `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 3 } } })}\n\n` +
    done
  const wanted: ChatEvent[] = [
    { type: 'text', text: 'Grüße, ' },
    { type: 'text', text: '世界' },
    { type: 'finish', reason: 'stop', receipts: ['rcpt_1'] },
    { type: 'usage', promptTokens: 5, completionTokens: 2, cachedTokens: 3 },
  ]
  for (const bytes of [1, 2, 3, 1000]) expect(await read(text, bytes)).toEqual(wanted)
})

it('reads the calls of functions piece by piece', async () => {
  const call = (index: number, fields: object) => chunk({ tool_calls: [{ index, function: fields }] })
  const text = call(0, { name: 'weather', arguments: '' }) + call(0, { arguments: '{"city":' }) + done
  expect(await read(text)).toEqual([
    { type: 'tool', index: 0, name: 'weather', arguments: '' },
    { type: 'tool', index: 0, name: null, arguments: '{"city":' },
  ])
})

it('ends with the relay’s own words when the answer fails on the way', async () => {
  const text = `${chunk({ content: 'a' })}data: ${JSON.stringify({ error: { message: 'Every tab was lost.' } })}\n\n`
  await expect(read(text)).rejects.toMatchObject({ code: 'bad_answer', message: 'Every tab was lost.' })
})

it('does not take a broken stream for a whole answer, nor other things for chunks', async () => {
  await expect(read(chunk({ content: 'a' }))).rejects.toThrow('broke off')
  await expect(read(`data: {"choices":3}\n\n${done}`)).rejects.toThrow('no chunk')
  await expect(read(`data: {half\n\n${done}`)).rejects.toThrow('no chunk')
})
