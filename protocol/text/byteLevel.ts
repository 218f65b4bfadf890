/**
 * How byte-level BPE writes bytes as characters: printable ones of Latin-1 as themselves, the other 68 as the characters
 * from U+0100 on (bytes_to_unicode of GPT-2's encoder.py).
 */
export const byteCharacters: readonly string[] = (() => {
  const isPrintable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae
  let others = 0
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCharCode(isPrintable(byte) ? byte : 0x100 + others++),
  )
})()

const bytesByCharacter: ReadonlyMap<string, number> = new Map(
  byteCharacters.map((character, byte) => [character, byte]),
)

/** Bytes of a token as byte-level BPE writes it; null where it has another character. */
export function bytesOfCharacters(token: string): Uint8Array<ArrayBuffer> | null {
  const bytes = new Uint8Array(token.length)
  for (let i = 0; i < token.length; i++) {
    const byte = bytesByCharacter.get(token[i]!)
    if (byte === undefined) return null
    bytes[i] = byte
  }
  return bytes
}

/** Bytes as byte-level BPE writes them. */
export function charactersOfBytes(bytes: Uint8Array): string {
  let characters = ''
  for (const byte of bytes) characters += byteCharacters[byte]
  return characters
}
