import { HumanMessage, type ToolMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { ChatOpenAI } from '@langchain/openai'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { model, useClientRelay } from './clientRelay.ts'

const server = useClientRelay()
const chat = (fields: object = {}) =>
  new ChatOpenAI({
    model,
    apiKey: 'unused',
    maxRetries: 0,
    configuration: { baseURL: server.baseURL },
    ...fields,
  })
const weather = tool(async ({ city }) => `7 degrees in ${city}`, {
  name: 'weather',
  description: 'Weather of a city.',
  schema: z.object({ city: z.string() }),
})

describe('LangChain', () => {
  it('chats, with usage', async () => {
    const answer = await chat({ temperature: 0.5, maxTokens: 50, topP: 0.9 }).invoke('Hi')
    expect(answer.content).toBe('Hello there.')
    expect(answer.usage_metadata).toMatchObject({ input_token_details: { cache_read: 0 } })
    expect(answer.usage_metadata!.total_tokens).toBeGreaterThan(10)
  })

  it('streams, with usage at the end', async () => {
    const chunks = await Array.fromAsync(await chat({ streamUsage: true }).stream('Hi'))
    expect(chunks.map(({ content }) => content).join('')).toBe('Hello there.')
    expect(
      chunks.at(-1)!.usage_metadata?.output_tokens ?? chunks.at(-2)!.usage_metadata?.output_tokens,
    ).toBeGreaterThan(1)
  })

  it('calls a tool, and goes on with its answer', async () => {
    const bound = chat().bindTools([weather])
    const question = new HumanMessage('How warm is it in Oslo?')
    const answer = await bound.invoke([question])
    expect(answer.tool_calls).toMatchObject([{ name: 'weather', args: { city: 'Oslo' } }])
    const call = answer.tool_calls![0]!
    const said: ToolMessage = await weather.invoke({ ...call, type: 'tool_call', id: call.id! })
    const last = await bound.invoke([question, answer, said])
    expect(last.content).toBe('It is 7 degrees in Oslo.')
  })

  it('calls a tool in a stream', async () => {
    const chunks = await Array.fromAsync(await chat().bindTools([weather]).stream('Oslo?'))
    const whole = chunks.reduce((sum, chunk) => sum.concat(chunk))
    expect(whole.tool_calls).toMatchObject([{ name: 'weather', args: { city: 'Oslo' } }])
  })

  it.each(['jsonSchema', 'functionCalling', 'jsonMode'] as const)(
    'gives structured answers by %s',
    async (method) => {
      const schema =
        method === 'functionCalling'
          ? z.object({ city: z.string() })
          : z.object({ city: z.string(), degrees: z.number() })
      const structured = chat().withStructuredOutput(schema, { method, name: 'weather' })
      const answer = await structured.invoke('Oslo? In JSON.')
      expect(answer).toEqual(method === 'functionCalling' ? { city: 'Oslo' } : { city: 'Oslo', degrees: 7 })
    },
  )

  it('hears of errors, and may leave', async () => {
    await expect(chat({ model: 'gpt-4o' }).invoke('Hi')).rejects.toThrow(/gpt-4o.*not served/)
    const before = server.relay.cancelled.length
    const leave = new AbortController()
    const stream = await chat().stream('Talk for ever', { signal: leave.signal })
    await expect(
      (async () => {
        for await (const _ of stream) leave.abort()
      })(),
    ).rejects.toThrow()
    await server.relay.untilCancelled(before + 1)
  })

  it('speaks the responses API too', async () => {
    const answer = await chat({ useResponsesApi: true }).invoke('Hi')
    expect(answer.text).toBe('Hello there.')
  })
})
