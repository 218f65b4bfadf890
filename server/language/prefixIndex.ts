import { createHmac, hash, randomBytes } from 'node:crypto'

/** Tokens of one link of the chain: shorter common beginnings save nothing worth a detour. */
const BLOCK = 32
/** Links that are remembered, about 10 MB in all. */
const MOST_LINKS = 32_768

/**
 * Which tab holds a cache of which beginnings: a chain of hashes over blocks of tokens of prompts and answers, so that a
 * follow-up finds the tab that made what comes before it. No token is kept. `scope` keeps apart those who must not learn
 * of each other what they asked: a chain of one scope says nothing about another.
 */
export class PrefixIndex {
  /** Tab by link, the least recently made or found first. */
  readonly #tabs = new Map<string, string>()
  readonly #secret = randomBytes(32)

  /** The tab has run these tokens. */
  remember(scope: string, ids: readonly number[], tabId: string): void {
    for (const link of chain(scope, ids)) {
      this.#tabs.delete(link)
      this.#tabs.set(link, tabId)
    }
    for (const oldest of this.#tabs.keys()) {
      if (this.#tabs.size <= MOST_LINKS) break
      this.#tabs.delete(oldest)
    }
  }

  /** The tab that holds the longest beginning of these tokens; null where none does that is `usable`. */
  find(scope: string, ids: readonly number[], usable: (tabId: string) => boolean): string | null {
    if (this.#tabs.size === 0) return null
    let found: string | null = null
    for (const link of chain(scope, ids)) {
      const tab = this.#tabs.get(link)
      if (tab === undefined) break
      if (usable(tab)) found = tab
    }
    return found
  }

  /** Tokens, in whole blocks, with which something of this scope began before. */
  commonTokens(scope: string, ids: readonly number[]): number {
    let tokens = 0
    for (const link of chain(scope, ids)) {
      if (!this.#tabs.has(link)) break
      tokens += BLOCK
    }
    return tokens
  }

  /** A number for a scope, u32, by which tabs keep their caches apart: it says nothing of who it is, nor after a restart. */
  numberOf(scope: string): number {
    const digest = createHmac('sha256', this.#secret).update(scope).digest()
    // 0 is no scope.
    return digest.readUInt32LE() || 1
  }

  get size(): number {
    return this.#tabs.size
  }
}

/** One hash for each whole block, each over the one before it. */
function* chain(scope: string, ids: readonly number[]): Iterable<string> {
  let link = hash('sha256', scope, 'hex')
  const block = new Int32Array(BLOCK)
  for (let from = 0; from + BLOCK <= ids.length; from += BLOCK) {
    for (let i = 0; i < BLOCK; i++) block[i] = ids[from + i]!
    link = hash('sha256', Buffer.concat([Buffer.from(link, 'hex'), Buffer.from(block.buffer)]), 'hex')
    yield link
  }
}
