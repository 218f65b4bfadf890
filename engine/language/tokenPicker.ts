import type { Finish, GenerateOptions } from '../../protocol/generation.ts'
import type { TextStream } from '../../protocol/text/textStream.ts'
import type { TokenConstraint } from './constraint/tokenConstraint.ts'
import { NextToken, type PickedToken } from './nextToken.ts'

export interface TokenPickerParts {
  options: GenerateOptions
  prompt: Int32Array
  vocabulary: number
  /** Most tokens of prompt and answer together. */
  contextTokens: number
  /** Null where the text is free. */
  constraint: TokenConstraint | null
  /** The answer's text, which looks for stop strings as the relay does; null where there are none. */
  text: TextStream | null
}

/** The tokens of one answer: picks each from its logits, and knows when the answer is over. */
export class TokenPicker {
  /** Tokens so far, end tokens not. */
  readonly answer: number[] = []
  /** Why the answer is over; null while it is not. */
  finish: Finish | null = null
  readonly #parts: TokenPickerParts
  readonly #next: NextToken

  constructor(parts: TokenPickerParts) {
    this.#parts = parts
    this.#next = new NextToken(parts.options, parts.vocabulary)
  }

  /** Appends a token that is known. */
  accept(id: number): void {
    const { options, prompt, constraint, text, contextTokens } = this.#parts
    this.answer.push(id)
    constraint?.accept(id)
    if (text && text.push([id]).stopped !== null) this.finish = 'stop'
    else if (this.answer.length >= options.maxTokens) this.finish = 'length'
    else if (prompt.length + this.answer.length >= contextTokens) this.finish = 'length'
  }

  /**
   * Picks the next token from its logits, f32[vocabulary], and appends it; null where the answer is over instead.
   * @throws OpentabError `model_failed` where the logits allow no pick
   */
  async next(logits: Float32Array): Promise<PickedToken | null> {
    const { prompt, constraint } = this.#parts
    const history = { prompt, answer: this.answer }
    const picked = await this.#next.pick(logits, history, this.answer.length, constraint)
    if (picked) this.accept(picked.id)
    else this.finish = 'stop'
    return picked
  }

  dispose(): void {
    this.#parts.constraint?.dispose()
  }
}
