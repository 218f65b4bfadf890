import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, Output, stepCountIs, streamText, tool } from 'ai'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { model, useClientRelay } from './clientRelay.ts'

const server = useClientRelay()
const provider = () =>
  createOpenAICompatible({
    name: 'opentab',
    baseURL: server.baseURL,
    includeUsage: true,
    supportsStructuredOutputs: true,
  })
const ask = { prompt: 'Hi', maxRetries: 0 }
const weather = tool({
  description: 'Weather of a city.',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `7 degrees in ${city}`,
})

describe('the Vercel AI SDK', () => {
  it('chats, with usage', async () => {
    const { text, usage, finishReason } = await generateText({
      model: provider()(model),
      ...ask,
      temperature: 0.5,
      seed: 3,
      maxOutputTokens: 50,
      stopSequences: ['###'],
    })
    expect(text).toBe('Hello there.')
    expect(finishReason).toBe('stop')
    expect(usage.totalTokens).toBeGreaterThan(10)
  })

  it('streams, with usage at the end', async () => {
    const { textStream, usage, finishReason } = streamText({ model: provider()(model), ...ask })
    expect((await Array.fromAsync(textStream)).join('')).toBe('Hello there.')
    expect((await usage).outputTokens).toBeGreaterThan(1)
    expect(await finishReason).toBe('stop')
  })

  it('calls tools until there is an answer, also in a stream', async () => {
    const { text, steps } = await generateText({
      model: provider()(model),
      ...ask,
      tools: { weather },
      stopWhen: stepCountIs(3),
    })
    expect(text).toBe('It is 7 degrees in Oslo.')
    expect(steps[0]!.toolCalls).toMatchObject([{ toolName: 'weather', input: { city: 'Oslo' } }])
    const streamed = streamText({
      model: provider()(model),
      ...ask,
      tools: { weather },
      stopWhen: stepCountIs(3),
    })
    expect((await Array.fromAsync(streamed.textStream)).join('')).toBe('Let me look.It is 7 degrees in Oslo.')
  })

  it('must call a tool where it says so', async () => {
    const { toolCalls } = await generateText({
      model: provider()(model),
      ...ask,
      tools: { weather },
      toolChoice: 'required',
    })
    expect(toolCalls).toMatchObject([{ toolName: 'weather', input: { city: 'Oslo' } }])
  })

  it('gives objects by a schema', async () => {
    const { output } = await generateText({
      model: provider()(model),
      ...ask,
      output: Output.object({ schema: z.object({ city: z.string(), degrees: z.number() }) }),
    })
    expect(output).toEqual({ city: 'Oslo', degrees: 7 })
  })

  it('hears of errors, and may leave', async () => {
    await expect(generateText({ model: provider()('gpt-4o'), ...ask })).rejects.toMatchObject({
      statusCode: 404,
    })
    const before = server.relay.cancelled.length
    const leave = new AbortController()
    const { textStream } = streamText({
      model: provider()(model),
      ...ask,
      prompt: 'Talk for ever',
      abortSignal: leave.signal,
      onError: () => {},
    })
    for await (const _ of textStream) leave.abort()
    await server.relay.untilCancelled(before + 1)
  })
})
