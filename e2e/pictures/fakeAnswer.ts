import type { IncomingMessage, ServerResponse } from 'node:http'

/** Text with every kind of Markdown that the chat page lays out, and one that it must not. */
const text = `A tab can hold **several** models. In short:

1. The relay cuts the request into *tasks*.
2. A tab runs them with \`onnxruntime-web\`.
   - It hands the result in.
   - The relay checks it.

| kind | checked by |
| --- | --- |
| kernel | Freivalds |
| answer | one prefill |

\`\`\`ts
const answer = await fetch('/v1/chat/completions', { method: 'POST', body: JSON.stringify({ model, messages, stream: true }) })
\`\`\`

> What is computed can be read.

See [the log](https://example.org/log), not [this](javascript:alert(1)) or <img src=x onerror=alert(1)>.`

/**
 * An invented streamed answer, for pictures. The last message decides: `Fail` is refused, `Wait` sends nothing, `Half`
 * never ends, `Ring` has many receipts, anything else is answered whole with one.
 * @param receipts ids of receipts that the fake relay knows
 */
export async function answerChat(
  request: IncomingMessage,
  response: ServerResponse,
  headers: Record<string, string>,
  receipts: readonly string[],
): Promise<void> {
  let body = ''
  for await (const bytes of request) body += String(bytes)
  const asked = (JSON.parse(body) as { messages: { content: string }[] }).messages.at(-1)?.content
  if (asked === 'Fail') {
    const message = 'No tab that holds smollm2-135m-instruct came free within 30 s; 0 tabs hold it'
    response.writeHead(503, { 'content-type': 'application/json', ...headers })
    response.end(
      JSON.stringify({ error: { message, type: 'server_error', param: null, code: 'no_tab_available' } }),
    )
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', ...headers })
  const send = (value: object): void => void response.write(`data: ${JSON.stringify(value)}\n\n`)
  const say = (content: string): void => send({ choices: [{ index: 0, delta: { content } }] })
  if (asked === 'Wait') return void response.flushHeaders()
  const pieces = text.match(/[\s\S]{1,12}/g) ?? []
  if (asked === 'Half') {
    for (const piece of pieces.slice(0, 12)) say(piece)
    return
  }
  for (const piece of pieces) say(piece)
  const opentab = { receipts: asked === 'Ring' ? receipts : receipts.slice(0, 1) }
  send({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], opentab })
  const usage = { prompt_tokens: 41, completion_tokens: 187, prompt_tokens_details: { cached_tokens: 32 } }
  send({ choices: [], usage })
  response.end('data: [DONE]\n\n')
}
