import { type GenerateOptions, optionsOf } from '../../protocol/generation.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { TokenConstraint } from './constraint/tokenConstraint.ts'
import { NextToken, type PickedToken } from './nextToken.ts'

/** What the tail of a ring knows of a sequence when it picks a token. */
export interface TailHistory {
  /** Both are empty where neither penalties nor a grammar need them. */
  prompt: Int32Array
  answer: Int32Array
  /** Place of the token in the answer. */
  position: number
}

export type OpenConstraint = (options: GenerateOptions) => Promise<TokenConstraint | null>

/**
 * Picks the tokens of one session at the tail of a ring. The history comes with every step, so that a tab which takes the
 * session over goes on with it; what the sampler and the grammar need is kept from step to step.
 */
export class TailPicker {
  readonly options: GenerateOptions
  readonly #next: NextToken
  readonly #openConstraint: OpenConstraint
  readonly #optionsBytes: Uint8Array
  #constraint: TokenConstraint | null = null
  /** Tokens that the grammar has taken. */
  #taken: number[] = []

  /** @throws OpentabError `invalid_value` for options that are none */
  constructor(inputs: readonly Tensor[], vocabulary: number, openConstraint: OpenConstraint) {
    this.options = optionsOf(inputs)
    this.#optionsBytes = bytesOf(inputs).slice()
    this.#next = new NextToken(this.options, vocabulary)
    this.#openConstraint = openConstraint
  }

  /** Whether these inputs have the same options. */
  goesBy(inputs: readonly Tensor[]): boolean {
    const bytes = bytesOf(inputs)
    return (
      bytes.length === this.#optionsBytes.length && bytes.every((byte, at) => byte === this.#optionsBytes[at])
    )
  }

  /**
   * The token after the history; null where the answer is over.
   * @throws OpentabError `model_failed` where the logits, f32[vocabulary], allow no pick
   */
  async pick(logits: Float32Array, { prompt, answer, position }: TailHistory): Promise<PickedToken | null> {
    await this.#follow(answer)
    return this.#next.pick(logits, { prompt, answer }, position, this.#constraint)
  }

  dispose(): void {
    this.#constraint?.dispose()
    this.#constraint = null
  }

  /** Brings the grammar to the end of this answer; opens it anew where it stands beyond or elsewhere. */
  async #follow(answer: Int32Array): Promise<void> {
    if (this.options.constraint === null) return
    if (!this.#constraint || this.#taken.some((id, at) => id !== answer[at])) {
      this.dispose()
      this.#constraint = await this.#openConstraint(this.options)
      this.#taken = []
    }
    for (const id of answer.subarray(this.#taken.length)) {
      this.#constraint?.accept(id)
      this.#taken.push(id)
    }
  }
}

const bytesOf = (inputs: readonly Tensor[]): Uint8Array =>
  inputs.find(({ name }) => name === 'options')?.bytes ?? new Uint8Array(0)
