import type { AnswerStream } from './answerStream.ts'
import { streamError } from './answerStream.ts'
import { type ChatCompletion, chatDelta, chatHead } from './chatAnswer.ts'
import type { ChatBody } from './chatRequest.ts'
import type { StreamFormat } from './streamJob.ts'
import type { TokenLogprob } from './tokenLogprobs.ts'

/** A chat completion as chunks: the role, what comes, the reason of the end, usage where it is asked for, `[DONE]`. */
export function chatStream(body: ChatBody, fingerprint: string): StreamFormat {
  const head = chatHead(body, fingerprint)
  const begun = new Set<number>()
  const chunk = (choices: object[], more: object = {}): object => ({
    ...head,
    object: 'chat.completion.chunk',
    choices,
    ...(body.includeUsage ? { usage: null } : {}),
    ...more,
  })
  const send = (
    stream: AnswerStream,
    index: number,
    delta: object,
    logprobs: readonly TokenLogprob[] = [],
  ): void =>
    stream.send(
      chunk([
        {
          index,
          delta,
          logprobs: logprobs.length > 0 ? { content: logprobs, refusal: null } : null,
          finish_reason: null,
        },
      ]),
    )
  const begin = (stream: AnswerStream, index: number): void => {
    if (begun.has(index)) return
    begun.add(index)
    send(stream, index, { role: 'assistant', content: '', refusal: null })
  }
  return {
    delta({ choice, pieces, logprobs }, stream) {
      begin(stream, choice)
      for (const [i, piece] of pieces.entries())
        send(stream, choice, chatDelta(piece), i === 0 ? logprobs : [])
      if (pieces.length === 0) send(stream, choice, {}, logprobs)
    },
    done(answer, opentab, stream) {
      const { choices, usage } = answer as ChatCompletion
      for (const { index, finish_reason } of choices) {
        begin(stream, index)
        const choice = { index, delta: {}, logprobs: null, finish_reason }
        stream.send(chunk([choice], { opentab }))
      }
      if (body.includeUsage) stream.send(chunk([], { usage }))
      stream.sendText('[DONE]')
    },
    failed: (error, stream) => stream.send(streamError(error)),
  }
}
