/** Words fetched from the operating system at a time: 4 KiB, which costs a few microseconds every thousand draws. */
const BUFFER_WORDS = 1024

/** What a check draws its secret vectors from; tests hand in a sequence of their own. */
export interface RandomWords {
  /** A fresh u32. */
  word(): number
}

/** Unpredictable u32 words from the platform's CSPRNG, fetched in bulk so that one word costs nanoseconds. */
export class SecretRandom implements RandomWords {
  readonly #words = new Uint32Array(BUFFER_WORDS)
  #next = BUFFER_WORDS

  word(): number {
    if (this.#next === BUFFER_WORDS) {
      crypto.getRandomValues(this.#words)
      this.#next = 0
    }
    return this.#words[this.#next++]!
  }
}
