/** The tokens so far: what penalties go by. */
export interface TokenHistory {
  prompt: readonly number[] | Int32Array
  answer: readonly number[] | Int32Array
}
