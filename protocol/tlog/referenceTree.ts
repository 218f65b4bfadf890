/**
 * The Merkle tree of RFC 6962 written as the text of section 2.1 has it, slow and plain: what the tests hold the
 * relay's tree and the proofs against.
 */
export class ReferenceTree {
  readonly #entries: readonly Uint8Array[]
  readonly #sha256: (bytes: Uint8Array) => Uint8Array
  readonly #known = new Map<string, Uint8Array>()

  constructor(entries: readonly Uint8Array[], sha256: (bytes: Uint8Array) => Uint8Array) {
    this.#entries = entries
    this.#sha256 = sha256
  }

  /** MTH(D[first:end]). */
  hash(first: number, end: number): Uint8Array {
    const key = `${first}:${end}`
    let hash = this.#known.get(key)
    if (hash === undefined) {
      hash = this.#sha256(this.#input(first, end))
      this.#known.set(key, hash)
    }
    return hash
  }

  #input(first: number, end: number): Uint8Array {
    if (first === end) return new Uint8Array(0)
    if (end - first === 1) return Uint8Array.of(0, ...this.#entries[first]!)
    const k = first + largestPowerBelow(end - first)
    return Uint8Array.of(1, ...this.hash(first, k), ...this.hash(k, end))
  }

  /** PATH(m, D[first:end]). */
  path(m: number, first: number, end: number): Uint8Array[] {
    if (end - first === 1) return []
    const k = first + largestPowerBelow(end - first)
    return m < k - first
      ? [...this.path(m, first, k), this.hash(k, end)]
      : [...this.path(m - (k - first), k, end), this.hash(first, k)]
  }

  /** PROOF(m, D[0:n]). */
  proof(m: number, n: number): Uint8Array[] {
    return m === 0 ? [] : this.#subproof(m, 0, n, true)
  }

  #subproof(m: number, first: number, end: number, whole: boolean): Uint8Array[] {
    if (m === end - first) return whole ? [] : [this.hash(first, end)]
    const k = first + largestPowerBelow(end - first)
    return m <= k - first
      ? [...this.#subproof(m, first, k, whole), this.hash(k, end)]
      : [...this.#subproof(m - (k - first), k, end, false), this.hash(first, k)]
  }
}

/** The k of RFC 6962: the largest power of two smaller than n. */
function largestPowerBelow(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}
