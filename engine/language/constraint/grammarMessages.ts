import type { Constraint } from '../../../protocol/generation.ts'

/** A tokenizer's tokens, as the grammars' worker gets them. */
export interface Vocabulary {
  key: number
  /** Tokens in the order of their ids, each as byte-level BPE writes its bytes, with line feeds between. */
  tokens: string
  /** Ids that may end a text. */
  endTokens: number[]
}

/** What can come after a text. */
export interface NextTokens {
  /** u32[ceil(vocabulary / 32)], a 1 bit for each token that is allowed. */
  mask: Uint32Array<ArrayBuffer>
  /** The text is whole, and nothing but its end may follow. */
  ended: boolean
}

/** What the grammars' worker can be asked, one at a time. */
export interface GrammarCalls {
  addVocabulary(vocabulary: Vocabulary): Promise<void>
  /** Compiles a grammar and stands at the beginning of a text; false where the vocabulary is not there (any more). */
  open(input: { matcher: number; vocabulary: number; constraint: Constraint }): Promise<boolean>
  /** Appends tokens; null where one of them is not allowed. */
  step(input: { matcher: number; ids: number[] }): Promise<NextTokens | null>
  close(input: { matcher: number }): Promise<void>
}

export type GrammarCall = keyof GrammarCalls

export interface GrammarRequest {
  id: number
  call: GrammarCall
  input: unknown
}

export type GrammarReply =
  | { id: number; value: unknown }
  /** `broken`: the library's memory may be damaged, so that the worker has to be replaced. */
  | { id: number; error: string; broken: boolean }
