import { StopAutomaton, type StopState } from './stopAutomaton.ts'
import type { TextTokenizer } from './textTokenizer.ts'

/** Bytes of a token; none for special tokens and for ids that there are not. */
export type BytesOf = (id: number) => Uint8Array

/** Text that can be shown, and the stop text that has come, if any: it is not part of the text, nor is what follows. */
export interface StreamedText {
  text: string
  stopped: string | null
}

/**
 * Text of tokens as they come. A character that is not whole yet is held back, and so is the longest end of the text that
 * may yet become a stop text; all texts together are what `decode` makes of all tokens, up to the first stop text. Of two
 * stop texts the one that is complete first counts, of two complete at once the longer one.
 */
export class TextStream {
  readonly #bytesOf: BytesOf
  readonly #automaton: StopAutomaton
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  #state: StopState
  #held = ''
  #stopped: string | null = null

  constructor(tokens: Pick<TextTokenizer, 'tokenBytes'> | BytesOf, stops: readonly string[]) {
    this.#bytesOf = typeof tokens === 'function' ? tokens : bytesFrom(tokens.tokenBytes())
    this.#automaton = new StopAutomaton(stops)
    this.#state = this.#automaton.start
  }

  /** Appends tokens. */
  push(ids: readonly number[]): StreamedText {
    let shown = ''
    for (const id of ids) {
      if (this.#stopped !== null) break
      shown += this.#take(this.#decoder.decode(this.#bytesOf(id), { stream: true }))
    }
    return { text: shown, stopped: this.#stopped }
  }

  /** There are no more tokens: what was held back, with U+FFFD for a character that is not whole. */
  end(): StreamedText {
    if (this.#stopped !== null) return { text: '', stopped: this.#stopped }
    const text = this.#take(this.#decoder.decode()) + this.#held
    this.#held = ''
    return { text, stopped: this.#stopped }
  }

  /** Appends text and gives what can be shown. */
  #take(piece: string): string {
    const text = this.#held + piece
    for (let i = this.#held.length; i < text.length; i++) {
      this.#state = this.#automaton.step(this.#state, text.charCodeAt(i))
      if (this.#state.ended === 0) continue
      const from = i + 1 - this.#state.ended
      this.#stopped = text.slice(from, i + 1)
      this.#held = ''
      return text.slice(0, from)
    }
    const shown = text.length - this.#state.length
    this.#held = text.slice(shown)
    return text.slice(0, shown)
  }
}

function bytesFrom(tokenBytes: readonly Uint8Array[]): BytesOf {
  const none = new Uint8Array(0)
  return (id) => tokenBytes[id] ?? none
}
