import { streamError } from './answerStream.ts'
import { type Completion, completionHead, completionLogprobs } from './completionAnswer.ts'
import type { CompletionBody } from './completionRequest.ts'
import type { StreamFormat } from './streamJob.ts'

/** A completion as chunks: texts, the reason of the end, usage where it is asked for, `[DONE]`. */
export function completionStream(body: CompletionBody, fingerprint: string): StreamFormat {
  const head = completionHead(body, fingerprint)
  /** Characters of each answer's log-probabilities so far. */
  const offsets = new Map<number, number>()
  const chunk = (choices: object[], more: object = {}): object => ({
    ...head,
    choices,
    ...(body.includeUsage ? { usage: null } : {}),
    ...more,
  })
  return {
    delta({ choice, pieces, logprobs }, stream) {
      const text = pieces.map((piece) => (piece.kind === 'content' ? piece.text : '')).join('')
      const offset = offsets.get(choice) ?? 0
      offsets.set(
        choice,
        logprobs.reduce((at, { token }) => at + token.length, offset),
      )
      const shown = logprobs.length > 0 ? completionLogprobs(logprobs, offset) : null
      stream.send(chunk([{ index: choice, text, logprobs: shown, finish_reason: null }]))
    },
    done(answer, opentab, stream) {
      const { choices, usage } = answer as Completion
      for (const { index, finish_reason } of choices) {
        const last = { index, text: '', logprobs: null, finish_reason }
        stream.send(chunk([last], { opentab }))
      }
      if (body.includeUsage) stream.send(chunk([], { usage }))
      stream.sendText('[DONE]')
    },
    failed: (error, stream) => stream.send(streamError(error)),
  }
}
