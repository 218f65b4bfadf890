import { type ChatEvent, readChatStream } from '../../protocol/chatStream.ts'
import { say } from '../text/say.ts'
import { RelayTrouble } from './relayApi.ts'
import { errorDocument } from './relayDocuments.ts'
import { asSentence } from './taskWords.ts'

/** What one answer is asked with. */
export interface ChatQuestion {
  model: string
  messages: readonly { role: 'system' | 'user' | 'assistant'; content: string }[]
  /** 0 to 2; null leaves it to the model. */
  temperature: number | null
  /** Null lets the relay choose. */
  seed: number | null
  /** Most tokens of the answer; null leaves it to the relay. */
  maxTokens: number | null
  /** Sent as `authorization: Bearer`; empty where the relay wants none. */
  apiKey: string
}

/** Asks the relay for one streamed answer. @throws RelayTrouble with the relay's own words; AbortError */
export async function* askChat(
  fetcher: typeof fetch,
  question: ChatQuestion,
  signal: AbortSignal,
): AsyncGenerator<ChatEvent> {
  const { model, messages, temperature, seed, maxTokens, apiKey } = question
  const answer = await fetcher('/v1/chat/completions', {
    method: 'POST',
    signal,
    headers: {
      'content-type': 'application/json',
      ...(apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` }),
    },
    body: JSON.stringify({
      model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
      ...(temperature === null ? {} : { temperature }),
      ...(seed === null ? {} : { seed }),
      ...(maxTokens === null ? {} : { max_completion_tokens: maxTokens }),
    }),
  }).catch((error: unknown) => {
    if (signal.aborted) throw error
    throw new RelayTrouble(0, say('relay.unreachable'))
  })
  if (answer.status === 401)
    throw new RelayTrouble(401, say(apiKey === '' ? 'chat.wantsKey' : 'chat.refusedKey'))
  if (!answer.ok || answer.body === null) {
    const body = errorDocument.safeParse(await answer.json().catch(() => null))
    throw new RelayTrouble(
      answer.status,
      body.success ? asSentence(body.data.error.message) : say('relay.unexpected'),
    )
  }
  yield* readChatStream(chunksOf(answer.body))
}

/** Not every browser can iterate over a stream. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}
