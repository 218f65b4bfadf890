import { OpentabError } from '../../protocol/errors.ts'
import type { TextStream } from '../../protocol/text/textStream.ts'
import type { Answer, AnswerChunk } from '../language/answer.ts'
import type { LanguageText } from './languageText.ts'
import { type TokenLogprob, tokenLogprob } from './tokenLogprobs.ts'
import { type AnswerPiece, ToolCallStream, type ToolCallStreamOptions } from './toolCallStream.ts'

/** What came to an answer. */
export interface ChoiceDelta {
  pieces: AnswerPiece[]
  /** Of the tokens whose text is given; empty where none were asked for. */
  logprobs: TokenLogprob[]
}

export type FinishReason = 'stop' | 'length' | 'tool_calls'

/** An answer that has ended, whole. */
export interface Choice {
  content: string
  calls: { id: string; name: string; arguments: string }[]
  /** Its parts in the order in which they began: the content, and calls by number. */
  order: ('content' | number)[]
  logprobs: TokenLogprob[] | null
  finish: FinishReason
}

export interface ChoiceTextOptions {
  text: LanguageText
  stops: readonly string[]
  /** How calls are taken out of the text; null where there are no tools. */
  tools: ToolCallStreamOptions | null
  logprobs: boolean
}

/** One answer's way from token ids to text and calls. */
export class ChoiceText {
  readonly #options: ChoiceTextOptions
  readonly #stream: TextStream
  readonly #calls: ToolCallStream | null
  readonly #choice: Choice
  /** Log-probabilities whose token's text is held back, with the byte of the answer at which it begins. */
  #waiting: { from: number; logprob: TokenLogprob }[] = []
  #tokenBytes = 0
  #textBytes = 0
  #ids: number[] = []
  #stopped = false

  constructor(options: ChoiceTextOptions) {
    this.#options = options
    this.#stream = options.text.openStream(options.stops)
    this.#calls = options.tools && new ToolCallStream(options.tools)
    this.#choice = {
      content: '',
      calls: [],
      order: [],
      logprobs: options.logprobs ? [] : null,
      finish: 'stop',
    }
  }

  /** Takes the next tokens and gives what can be shown of them. */
  push({ ids, logprobs }: Pick<AnswerChunk, 'ids' | 'logprobs'>): ChoiceDelta {
    this.#ids.push(...ids)
    if (this.#stopped) return { pieces: [], logprobs: [] }
    const { tokens } = this.#options.text
    for (const [i, id] of ids.entries()) {
      const logprob = logprobs?.[i]
      if (this.#options.logprobs && logprob)
        this.#waiting.push({ from: this.#tokenBytes, logprob: tokenLogprob(tokens, id, logprob) })
      this.#tokenBytes += tokens.of(id).byteLength
    }
    const { text, stopped } = this.#stream.push(ids)
    this.#stopped = stopped !== null
    return this.#give(text, false)
  }

  /** Tokens so far. */
  get ids(): readonly number[] {
    return this.#ids
  }

  /**
   * The answer has ended.
   * @throws OpentabError `internal` when other tokens were shown than it has
   */
  end(answer: Pick<Answer, 'ids' | 'finish' | 'logprobs'>): { delta: ChoiceDelta; choice: Choice } {
    const known = this.#ids.length
    const missing = answer.ids.slice(known)
    if (this.#ids.some((id, i) => id !== answer.ids[i])) {
      throw new OpentabError('internal', 'An answer has other tokens than were shown of it.')
    }
    const before =
      missing.length > 0
        ? this.push({ ids: missing, logprobs: answer.logprobs?.slice(known) })
        : { pieces: [], logprobs: [] }
    const last = this.#give(this.#stream.end().text, true)
    const choice = this.#choice
    choice.finish =
      answer.finish === 'length' && !this.#stopped
        ? 'length'
        : choice.calls.length > 0
          ? 'tool_calls'
          : 'stop'
    return {
      delta: {
        pieces: [...before.pieces, ...last.pieces],
        logprobs: [...before.logprobs, ...last.logprobs],
      },
      choice,
    }
  }

  #give(text: string, isEnd: boolean): ChoiceDelta {
    this.#textBytes += Buffer.byteLength(text)
    const pieces: AnswerPiece[] = this.#calls
      ? this.#calls.push(text)
      : text === ''
        ? []
        : [{ kind: 'content', text }]
    if (isEnd && this.#calls) pieces.push(...this.#calls.end())
    for (const piece of pieces) addPiece(this.#choice, piece)
    const all = isEnd && !this.#stopped
    const known = this.#waiting.filter(({ from }) => all || from < this.#textBytes)
    this.#waiting = all ? [] : this.#waiting.slice(known.length)
    const logprobs = known.map(({ logprob }) => logprob)
    this.#choice.logprobs?.push(...logprobs)
    return { pieces, logprobs }
  }
}

function addPiece(choice: Choice, piece: AnswerPiece): void {
  switch (piece.kind) {
    case 'content':
      if (choice.content === '') choice.order.push('content')
      choice.content += piece.text
      return
    case 'call':
      choice.order.push(choice.calls.length)
      choice.calls.push({ id: piece.id, name: piece.name, arguments: '' })
      return
    case 'arguments':
      choice.calls[piece.index]!.arguments += piece.text
      return
    default:
      piece satisfies never
  }
}
