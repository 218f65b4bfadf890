/** A long address or hash with its middle left out: `0x5aAeb6…eAed`. What is short enough stays whole. */
export function shorten(text: string, head = text.startsWith('0x') ? 8 : 6, tail = 4): string {
  return text.length <= head + tail + 3 ? text : `${text.slice(0, head)}…${text.slice(-tail)}`
}
