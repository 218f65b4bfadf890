import OpenAI, { APIError, APIUserAbortError, BadRequestError, NotFoundError } from 'openai'
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { FixtureChatRelay } from '../fixtureChatRelay.ts'
import { cityParameters, model, useClientRelay } from './clientRelay.ts'

const server = useClientRelay()
const client = () => new OpenAI({ baseURL: server.baseURL, apiKey: 'unused', maxRetries: 0 })
const messages = [{ role: 'user' as const, content: 'Hi' }]
const weather = {
  type: 'function' as const,
  function: { name: 'weather', description: 'Weather of a city.', parameters: cityParameters, strict: true },
}
const Weather = z.object({ city: z.string(), degrees: z.number() })

describe('the official TypeScript client', () => {
  it('chats, with usage and the receipt in a header', async () => {
    const { data, response } = await client()
      .chat.completions.create({ model, messages, seed: 7 })
      .withResponse()
    expect(data.choices[0]!.message.content).toBe('Hello there.')
    expect(data.choices[0]!.finish_reason).toBe('stop')
    expect(data.usage!.prompt_tokens_details!.cached_tokens).toBe(0)
    expect(data.system_fingerprint).toMatch(/^fp_/)
    expect(response.headers.get('x-opentab-receipt')).toMatch(/^rcpt_/)
  })

  it('streams, with usage at the end', async () => {
    const stream = await client().chat.completions.create({
      model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
    })
    let text = ''
    let last: unknown
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ''
      last = chunk
    }
    expect(text).toBe('Hello there.')
    expect(last).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number) } })
  })

  it('streams by its helper, which puts the deltas together', async () => {
    const runner = client().chat.completions.stream({ model, messages, tools: [weather] })
    const final = await runner.finalChatCompletion()
    expect(final.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: 'Let me look.',
        tool_calls: [{ type: 'function', function: { name: 'weather', arguments: '{"city": "Oslo"}' } }],
      },
    })
  })

  it('runs tools until there is an answer', async () => {
    const cities: string[] = []
    const runner = client().chat.completions.runTools({
      model,
      messages,
      tools: [
        {
          type: 'function',
          function: {
            name: 'weather',
            description: 'Weather of a city.',
            parameters: cityParameters,
            parse: (text: string) => JSON.parse(text) as { city: string },
            function: ({ city }: { city: string }) => {
              cities.push(city)
              return '7 degrees'
            },
          },
        },
      ],
    })
    expect(await runner.finalContent()).toBe('It is 7 degrees in Oslo.')
    expect(cities).toEqual(['Oslo'])
  })

  it('must call a tool where it says so', async () => {
    const { choices } = await client().chat.completions.create({
      model,
      messages,
      tools: [weather],
      tool_choice: { type: 'function', function: { name: 'weather' } },
    })
    expect(choices[0]!.message.tool_calls![0]).toMatchObject({ function: { arguments: '{"city": "Oslo"}' } })
  })

  it('parses answers by a schema', async () => {
    const { choices } = await client().chat.completions.parse({
      model,
      messages,
      response_format: zodResponseFormat(Weather, 'weather'),
    })
    expect(choices[0]!.message.parsed).toEqual({ city: 'Oslo', degrees: 7 })
  })

  it('completes', async () => {
    const { choices } = await client().completions.create({ model, prompt: 'Say', max_tokens: 50 })
    expect(choices[0]!.text).toBe('Hello there.')
    let text = ''
    for await (const chunk of await client().completions.create({
      model,
      prompt: 'Say',
      max_tokens: 50,
      stream: true,
    }))
      text += chunk.choices[0]!.text
    expect(text).toBe('Hello there.')
  })

  it('asks for responses, at once and streamed', async () => {
    const response = await client().responses.create({ model, input: 'Hi', instructions: 'Be brief.' })
    expect(response.output_text).toBe('Hello there.')
    const stream = client().responses.stream({ model, input: 'Hi' })
    const types: string[] = []
    for await (const event of stream) types.push(event.type)
    expect(types.at(-1)).toBe('response.completed')
    expect((await stream.finalResponse()).output_text).toBe('Hello there.')
    const parsed = await client().responses.parse({
      model,
      input: 'Hi',
      text: { format: zodTextFormat(Weather, 'weather') },
    })
    expect(parsed.output_parsed).toEqual({ city: 'Oslo', degrees: 7 })
    const called = await client().responses.create({
      model,
      input: 'Hi',
      tools: [{ type: 'function', name: 'weather', parameters: cityParameters, strict: true }],
    })
    const call = called.output.find((item) => item.type === 'function_call')!
    expect(call).toMatchObject({ name: 'weather', arguments: '{"city": "Oslo"}' })
    const answered = await client().responses.create({
      model,
      input: [
        { role: 'user', content: 'Hi' },
        ...(called.output as OpenAI.Responses.ResponseInputItem[]),
        { type: 'function_call_output', call_id: call.call_id, output: '7' },
      ],
    })
    expect(answered.output_text).toBe('It is 7 degrees in Oslo.')
  })

  it('gets errors of its own classes', async () => {
    const chat = client().chat.completions
    await expect(chat.create({ model: 'gpt-4o', messages })).rejects.toBeInstanceOf(NotFoundError)
    const long = chat.create({ model, messages, max_tokens: 100_000 })
    await expect(long).rejects.toBeInstanceOf(BadRequestError)
    await expect(long).rejects.toMatchObject({ code: 'context_length_exceeded', param: 'max_tokens' })
    await expect(chat.create({ model, messages, stream: true, n: 100 })).rejects.toMatchObject({
      status: 400,
      param: 'n',
    })
    await expect(client().models.retrieve('gpt-4o')).rejects.toBeInstanceOf(NotFoundError)
    expect((await client().models.retrieve(model)).id).toBe(model)
  })

  it('gets an error in the middle of a stream as an error', async () => {
    const alone = await FixtureChatRelay.open({}, { QUEUE_WAIT_MS: '200' })
    const tab = await alone.tab(async function* () {
      yield 'One '
      await new Promise(() => {})
    })
    const other = new OpenAI({ baseURL: `${alone.url}/v1`, apiKey: 'unused', maxRetries: 0 })
    const stream = await other.chat.completions.create({ model, messages, stream: true })
    let text = ''
    const read = (async () => {
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? ''
        if (text !== '') tab.vanish()
      }
    })()
    await expect(read).rejects.toBeInstanceOf(APIError)
    await expect(read).rejects.toMatchObject({ code: 'tab_lost', type: 'server_error' })
    expect(text).toBe('One ')
    await alone.close()
  })

  it('leaves a stream, and the tab is free again', async () => {
    const before = server.relay.cancelled.length
    const stream = await client().chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'Talk for ever' }],
      stream: true,
    })
    for await (const _ of stream) break
    await server.relay.untilCancelled(before + 1)
    const leave = new AbortController()
    const asked = client().chat.completions.create(
      { model, messages: [{ role: 'user', content: 'Talk for ever' }] },
      { signal: leave.signal },
    )
    await server.relay.untilAsked(({ prompt }) => prompt.includes('for ever'), 2)
    leave.abort()
    await expect(asked).rejects.toBeInstanceOf(APIUserAbortError)
    await server.relay.untilCancelled(before + 2)
  })
})
