import { readChatStream } from '../../protocol/chatStream.ts'
import { BENCH_MODEL } from './benchModel.ts'

/** An answer as a requester sees it. */
export interface RelayAnswer {
  text: string
  promptTokens: number
  cachedTokens: number
  tokens: number
  /** From the request to the first text, ms. */
  firstMs: number
  /** From the first text to the end of the text, ms. */
  decodeMs: number
  /** From the request to its end, ms. */
  totalMs: number
}

export interface RelayQuestion {
  prompt: string
  tokens: number
  /** Ids that never come: the ends, so that every answer has its full length. */
  never: readonly number[]
  /** Called with each piece of text; the stream is read on meanwhile. */
  onText?: () => void
  model?: string
}

/** Asks a relay for a greedy streamed answer to a prompt as it stands. @throws Error with the relay's words */
export async function askRelay(
  relayUrl: string,
  { prompt, tokens, never, onText, model = BENCH_MODEL }: RelayQuestion,
): Promise<RelayAnswer> {
  const startedAt = performance.now()
  const response = await fetch(`${relayUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model,
      messages: [{ role: 'user', content: prompt }],
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0,
      max_completion_tokens: tokens,
      logit_bias: Object.fromEntries(never.map((id) => [id, -100])),
    }),
  })
  if (!response.ok || response.body === null)
    throw new Error(`The relay answers ${response.status}: ${await response.text()}`)
  const answer: RelayAnswer = {
    text: '',
    promptTokens: 0,
    cachedTokens: 0,
    tokens: 0,
    firstMs: 0,
    decodeMs: 0,
    totalMs: 0,
  }
  let [firstAt, lastAt] = [0, 0]
  for await (const event of readChatStream(response.body)) {
    if (event.type === 'text') {
      lastAt = performance.now()
      if (firstAt === 0) firstAt = lastAt
      answer.text += event.text
      onText?.()
    } else if (event.type === 'usage') {
      answer.promptTokens = event.promptTokens
      answer.cachedTokens = event.cachedTokens
      answer.tokens = event.completionTokens
    }
  }
  if (answer.tokens !== tokens) throw new Error(`The answer has ${answer.tokens} of ${tokens} tokens.`)
  answer.firstMs = firstAt - startedAt
  answer.decodeMs = lastAt - firstAt
  answer.totalMs = performance.now() - startedAt
  return answer
}
