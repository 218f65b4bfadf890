import type { TokenBytes } from './tokenBytes.ts'

/** OpenAI's log-probability of what is too unlikely to have one. */
const VERY_UNLIKELY = -9999

/** A token's log-probability, as chat and responses show it. */
export interface TokenLogprob {
  token: string
  logprob: number
  /** UTF-8; a character may be cut over several tokens. */
  bytes: number[]
  top_logprobs: { token: string; logprob: number; bytes: number[] }[]
}

type ChunkLogprob = readonly [number, readonly (readonly [number, number])[]]

export function tokenLogprob(tokens: TokenBytes, id: number, [own, others]: ChunkLogprob): TokenLogprob {
  const one = (token: number, logprob: number) => {
    const bytes = tokens.of(token)
    return {
      token: new TextDecoder().decode(bytes),
      logprob: Number.isFinite(logprob) ? logprob : VERY_UNLIKELY,
      bytes: Array.from(bytes),
    }
  }
  return { ...one(id, own), top_logprobs: others.map(([other, logprob]) => one(other, logprob)) }
}
