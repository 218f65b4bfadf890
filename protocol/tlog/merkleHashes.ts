/** SHA-256 as the platform has it: synchronous in Node, a promise from WebCrypto in browsers. */
export type Sha256 = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array | Promise<Uint8Array>

/** Bytes of one tree hash. */
export const HASH_BYTES = 32

/** Leaf hash of an entry: SHA-256(0x00 || entry), RFC 6962 section 2.1. */
export async function leafHash(sha256: Sha256, entry: Uint8Array): Promise<Uint8Array> {
  const input = new Uint8Array(1 + entry.length)
  input.set(entry, 1)
  return sha256(input)
}

/** Hash of an inner node: SHA-256(0x01 || left || right), RFC 6962 section 2.1. */
export async function nodeHash(sha256: Sha256, left: Uint8Array, right: Uint8Array): Promise<Uint8Array> {
  const input = new Uint8Array(1 + 2 * HASH_BYTES)
  input[0] = 1
  input.set(left, 1)
  input.set(right, 1 + HASH_BYTES)
  return sha256(input)
}

/** Root of the tree without entries: SHA-256 of nothing. */
export async function emptyRoot(sha256: Sha256): Promise<Uint8Array> {
  return sha256(new Uint8Array(0))
}

/** Whether two byte strings are equal. Nothing here is secret, so the time it takes may tell. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
