import { createParser } from 'eventsource-parser'
import * as z from 'zod/mini'
import { OpentabError } from './errors.ts'

/** What a streamed `POST /v1/chat/completions` tells, one after the other. */
export type ChatEvent =
  | { type: 'text'; text: string }
  /** A part of a call of a function: `name` comes first, then pieces of the arguments' JSON. */
  | { type: 'tool'; index: number; name: string | null; arguments: string }
  | { type: 'finish'; reason: string; receipts: readonly string[] }
  | { type: 'usage'; promptTokens: number; completionTokens: number; cachedTokens: number }

const chunkSchema = z.object({
  choices: z.array(
    z.object({
      delta: z.object({
        content: z.optional(z.nullable(z.string())),
        tool_calls: z.optional(
          z.array(
            z.object({
              index: z.number(),
              function: z.optional(
                z.object({ name: z.optional(z.string()), arguments: z.optional(z.string()) }),
              ),
            }),
          ),
        ),
      }),
      finish_reason: z.optional(z.nullable(z.string())),
    }),
  ),
  usage: z.optional(
    z.nullable(
      z.object({
        prompt_tokens: z.number(),
        completion_tokens: z.number(),
        prompt_tokens_details: z.optional(
          z.nullable(z.object({ cached_tokens: z.optional(z.nullable(z.number())) })),
        ),
      }),
    ),
  ),
  opentab: z.optional(z.object({ receipts: z.array(z.string()) })),
})

const errorSchema = z.object({ error: z.object({ message: z.string() }) })

/**
 * The events of a streamed answer with one choice, until `[DONE]`.
 * @throws OpentabError `bad_answer` when the relay ends it with an error, sends what is no chunk, or breaks off
 */
export async function* readChatStream(body: AsyncIterable<Uint8Array>): AsyncGenerator<ChatEvent> {
  const decoder = new TextDecoder()
  const events: string[] = []
  const parser = createParser({ onEvent: ({ data }) => void events.push(data) })
  for await (const bytes of body) {
    parser.feed(decoder.decode(bytes, { stream: true }))
    for (const data of events.splice(0)) {
      if (data === '[DONE]') return
      yield* eventsOf(data)
    }
  }
  throw new OpentabError('bad_answer', 'The answer broke off before its end.')
}

function* eventsOf(data: string): Generator<ChatEvent> {
  const value = parse(data)
  const failed = errorSchema.safeParse(value)
  // The relay's message ends with its own advice.
  if (failed.success) throw new OpentabError('bad_answer', failed.data.error.message, { fix: '' })
  const chunk = chunkSchema.safeParse(value)
  if (!chunk.success)
    throw new OpentabError('bad_answer', 'The relay sent something that is no chunk of an answer.')
  const { choices, usage, opentab } = chunk.data
  for (const { delta, finish_reason: reason } of choices) {
    if (delta.content) yield { type: 'text', text: delta.content }
    for (const { index, function: call } of delta.tool_calls ?? []) {
      yield { type: 'tool', index, name: call?.name ?? null, arguments: call?.arguments ?? '' }
    }
    if (reason) yield { type: 'finish', reason, receipts: opentab?.receipts ?? [] }
  }
  if (usage) {
    yield {
      type: 'usage',
      promptTokens: usage.prompt_tokens,
      completionTokens: usage.completion_tokens,
      cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    }
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}
