/**
 * What the next token may be, so that the text keeps to a grammar. Grammars are matched in a worker of their own, beside
 * the model: call `accept` as soon as a token is known and await `mask` before the next pick.
 */
export interface TokenConstraint {
  /**
   * Tokens allowed now: bit `id & 31` of word `id >>> 5` is 1. An end token is allowed where the text may end. The words
   * stay as they are until the next `mask()` resolves.
   * @throws OpentabError `model_failed` when the grammar's worker is lost, `invalid_value` when a token was accepted that
   * the grammar forbids
   */
  mask(): Promise<Uint32Array>
  /** Appends a token to the text; an end token ends it. */
  accept(id: number): void
  /** True when the text is whole and nothing but an end token may follow: up to date after each `mask()`. */
  readonly ended: boolean
  /** Frees what the grammar holds. */
  dispose(): void
}
