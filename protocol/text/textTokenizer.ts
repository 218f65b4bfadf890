/** A model's tokenizer: text to token ids and back. Made by loadTokenizer from the model's tokenizer.json. */
export interface TextTokenizer {
  /** Number of ids, added tokens included. */
  readonly vocabulary: number
  /** Ids of a text. Texts of special tokens (`<|im_end|>`) become these tokens; nothing is added at the ends. */
  encode(text: string): number[]
  /**
   * Text of ids, special tokens left out; bytes that are not UTF-8 yet come as U+FFFD. A space at the beginning stays: an
   * answer goes on after its prompt.
   */
  decode(ids: readonly number[]): string
  /**
   * Bytes that each id stands for, in the order of the ids: for streams and grammars. Special tokens have none.
   */
  tokenBytes(): readonly Uint8Array[]
}
