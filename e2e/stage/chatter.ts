import { z } from 'zod'
import { type ChatEvent, readChatStream } from '../../protocol/chatStream.ts'
import { TINY } from './dataFolder.ts'

/** Fields of a chat request beside the model and the messages. */
export interface ChatOptions {
  maxTokens?: number
  seed?: number
  temperature?: number
  signal?: AbortSignal
}

/** An answer as it streams. */
export interface StreamedAnswer {
  events: AsyncGenerator<ChatEvent>
  /** Reads to the end; gives text and receipts. */
  whole(): Promise<{ text: string; receipts: readonly string[]; tokens: number }>
}

const refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

/** Asks the tiny model for a streamed answer. @throws Error with the relay's code when it refuses */
export async function chatWith(
  relayUrl: string,
  text: string,
  { maxTokens = 24, seed = 1, temperature = 0, signal }: ChatOptions = {},
): Promise<StreamedAnswer> {
  const answer = await fetch(`${relayUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    ...(signal && { signal }),
    body: JSON.stringify({
      model: TINY,
      messages: [{ role: 'user', content: text }],
      stream: true,
      stream_options: { include_usage: true },
      max_completion_tokens: maxTokens,
      seed,
      temperature,
    }),
  })
  if (!answer.ok || answer.body === null) {
    const { code, message } = refusal.parse(await answer.json()).error
    throw new Error(`${answer.status} ${code}: ${message}`)
  }
  const events = readChatStream(answer.body)
  return {
    events,
    async whole() {
      let [said, tokens] = ['', 0]
      let receipts: readonly string[] = []
      for await (const event of events) {
        if (event.type === 'text') said += event.text
        else if (event.type === 'finish') receipts = event.receipts
        else if (event.type === 'usage') tokens = event.completionTokens
      }
      return { text: said, receipts, tokens }
    },
  }
}
