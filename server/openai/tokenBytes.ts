import type { TokenTable } from './promptMethods.ts'

/** What each token stands for, without the tokenizer. */
export interface TokenBytes {
  /** Number of ids. */
  readonly vocabulary: number
  /** UTF-8, perhaps cut within a character; empty for special tokens and for ids that there are not. */
  of(id: number): Uint8Array
}

export function tokenBytesOf({ bytes, ends }: TokenTable): TokenBytes {
  return {
    vocabulary: ends.length,
    of: (id) =>
      id < ends.length ? bytes.subarray(id === 0 ? 0 : ends[id - 1], ends[id]) : bytes.subarray(0, 0),
  }
}
