/**
 * Finds stop strings in a text that comes token by token, also across the borders of tokens and of characters: all in
 * bytes of UTF-8, of which it keeps no more than the longest string has.
 */
export class StopStrings {
  readonly #stops: readonly Uint8Array[]
  readonly #tokenBytes: readonly Uint8Array[]
  /** The text's last bytes: the longest string but one byte. */
  #tail: Uint8Array = new Uint8Array(0)
  readonly #tailBytes: number

  /** `tokenBytes`: bytes that each id stands for; none for special tokens. */
  constructor(stops: readonly string[], tokenBytes: readonly Uint8Array[]) {
    const encoder = new TextEncoder()
    this.#stops = stops.map((stop) => encoder.encode(stop))
    this.#tokenBytes = tokenBytes
    this.#tailBytes = Math.max(0, ...this.#stops.map((stop) => stop.length - 1))
  }

  /** Appends a token to the text; true when that completes a stop string. */
  completes(id: number): boolean {
    const bytes = this.#tokenBytes[id]
    if (!bytes || bytes.length === 0) return false
    const text = new Uint8Array(this.#tail.length + bytes.length)
    text.set(this.#tail)
    text.set(bytes, this.#tail.length)
    const found = this.#stops.some((stop) => endsWithin(text, this.#tail.length, stop))
    this.#tail = text.subarray(Math.max(0, text.length - this.#tailBytes))
    return found
  }
}

/** Whether a string ends in a text after its first bytes. */
function endsWithin(text: Uint8Array, after: number, stop: Uint8Array): boolean {
  const first = Math.max(0, after - stop.length + 1)
  for (let from = first; from + stop.length <= text.length; from++) {
    let same = 0
    while (same < stop.length && text[from + same] === stop[same]) same++
    if (same === stop.length) return true
  }
  return false
}
