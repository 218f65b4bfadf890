import { OpentabError } from '../errors.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const sextetOf = new Map([...alphabet].map((character, value) => [character, value]))

/** Standard base64 with padding (RFC 4648 section 4) of `bytes`; browsers and Node 24 share no call for it. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const bits = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text += alphabet[bits >> 18]
    text += alphabet[(bits >> 12) & 63]
    text += left > 1 ? alphabet[(bits >> 6) & 63] : '='
    text += left > 2 ? alphabet[bits & 63] : '='
  }
  return text
}

/**
 * Bytes of standard base64. Strict: padding is required, unused bits are zero, nothing else may stand in between, so
 * that equal bytes have one text only. `what` names the value in the error, `receipt_invalid`.
 */
export function decodeBase64(text: string, what: string): Uint8Array<ArrayBuffer> {
  const refuse = (why: string): never => {
    throw new OpentabError('receipt_invalid', `${what} is not base64: ${why}.`)
  }
  if (text.length % 4 !== 0) refuse(`its ${text.length} characters are not a multiple of 4`)
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const out = new Uint8Array((text.length / 4) * 3 - padding)
  let at = 0
  for (let i = 0; i < text.length; i += 4) {
    let bits = 0
    for (let j = 0; j < 4; j++) {
      const padded = i + j >= text.length - padding
      const value = padded ? 0 : sextetOf.get(text[i + j]!)
      if (value === undefined) return refuse(`character ${i + j} is ${JSON.stringify(text[i + j])}`)
      bits = (bits << 6) | value
    }
    for (let shift = 16; shift >= 0; shift -= 8) {
      const byte = (bits >> shift) & 255
      if (at < out.length) out[at++] = byte
      else if (byte !== 0) refuse('unused bits at its end are not zero')
    }
  }
  return out
}
