import type { AnswerEvent } from './languageRun.ts'
import { MAX_UNREAD_BYTES } from './openaiLimits.ts'
import type { AnswerPiece } from './toolCallStream.ts'

/** About what one log-probability takes in memory with its alternatives, bytes. */
const LOGPROB_BYTES = 200

/**
 * What comes while a reader is slow, put together: one event for each answer, whose size is that of its text. Beyond
 * MAX_UNREAD_BYTES the reader has left.
 */
export class SlowReader {
  readonly #deliver: (event: AnswerEvent) => void
  readonly #tooSlow: () => void
  #waiting = new Map<number, AnswerEvent>()
  #bytes = 0

  constructor(deliver: (event: AnswerEvent) => void, tooSlow: () => void) {
    this.#deliver = deliver
    this.#tooSlow = tooSlow
  }

  /** Gives an event on, or keeps it where the reader is behind. */
  push(event: AnswerEvent, isBehind: boolean): void {
    if (!isBehind && this.#waiting.size === 0) return this.#deliver(event)
    this.#bytes += sizeOf(event)
    if (this.#bytes > MAX_UNREAD_BYTES) {
      this.#waiting.clear()
      return this.#tooSlow()
    }
    const before = this.#waiting.get(event.choice)
    this.#waiting.set(event.choice, before ? merged(before, event) : event)
    if (!isBehind) this.flush()
  }

  /** Gives on what was kept. */
  flush(): void {
    const waiting = this.#waiting
    this.#waiting = new Map()
    this.#bytes = 0
    for (const event of waiting.values()) this.#deliver(event)
  }
}

function merged(before: AnswerEvent, after: AnswerEvent): AnswerEvent {
  const pieces: AnswerPiece[] = [...before.pieces]
  for (const piece of after.pieces) {
    const last = pieces.at(-1)
    const goesOn =
      last &&
      ((last.kind === 'content' && piece.kind === 'content') ||
        (last.kind === 'arguments' && piece.kind === 'arguments' && last.index === piece.index))
    if (goesOn) pieces[pieces.length - 1] = { ...last, text: last.text + piece.text } as AnswerPiece
    else pieces.push(piece)
  }
  return { choice: before.choice, pieces, logprobs: [...before.logprobs, ...after.logprobs] }
}

function sizeOf({ pieces, logprobs }: AnswerEvent): number {
  let bytes = 0
  for (const piece of pieces) bytes += piece.kind === 'call' ? LOGPROB_BYTES : 2 * piece.text.length
  for (const { top_logprobs } of logprobs) bytes += LOGPROB_BYTES * (1 + top_logprobs.length)
  return bytes
}
