/** Bytes of tokens one after the other; none for ids that there are not. */
function joinBytes(tokenBytes: readonly Uint8Array[], ids: readonly number[]): Uint8Array {
  const parts = ids.map((id) => tokenBytes[id] ?? new Uint8Array(0))
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** Text of tokens: their bytes as UTF-8, U+FFFD for what is none. A byte order mark and a space at the beginning stay. */
export function decodeTokens(tokenBytes: readonly Uint8Array[], ids: readonly number[]): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(joinBytes(tokenBytes, ids))
}
