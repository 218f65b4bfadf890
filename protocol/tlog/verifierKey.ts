import { OpentabError } from '../errors.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import type { Sha256 } from './merkleHashes.ts'
import { isKeyName } from './signedNote.ts'

/** Signature type of Ed25519 over the note's text (c2sp.org/signed-note). */
export const ED25519_TYPE = 1

/** The public half of a log's key. */
export interface VerifierKey {
  /** Name of the key: the log's origin. */
  name: string
  /** First 4 bytes of SHA-256(name || 0x0A || 0x01 || public key). */
  keyId: Uint8Array<ArrayBuffer>
  /** 32 bytes. */
  publicKey: Uint8Array<ArrayBuffer>
}

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

const typed = (publicKey: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.of(ED25519_TYPE, ...publicKey)

/** The bytes whose SHA-256 begins with the key's id. */
export function keyIdInput(name: string, publicKey: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(...new TextEncoder().encode(name), 0x0a, ...typed(publicKey))
}

/** `<name>+<hex key id>+base64(type || public key)`: the text that `GET /log/vkey` gives. */
export function formatVerifierKey(key: VerifierKey): string {
  return `${key.name}+${hexOf(key.keyId)}+${encodeBase64(typed(key.publicKey))}`
}

/** Reads a verifier key and checks its id against its content. White space around it is ignored. Throws `receipt_invalid`. */
export async function parseVerifierKey(text: string, sha256: Sha256): Promise<VerifierKey> {
  const refuse = (why: string): never => {
    throw new OpentabError('receipt_invalid', `The verifier key cannot be read: ${why}.`, {
      fix: 'It reads NAME+8 HEX DIGITS+BASE64; GET /log/vkey of the relay gives it.',
    })
  }
  // The base64 may hold a plus of its own, the name may not: only the first two plus signs part the fields.
  const [, name, idHex, base64] = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/s.exec(text.trim()) ?? []
  if (name === undefined || idHex === undefined || base64 === undefined || !isKeyName(name)) {
    return refuse('it does not have three fields')
  }
  const bytes = decodeBase64(base64, 'The verifier key')
  if (bytes[0] !== ED25519_TYPE) refuse(`its type is ${bytes[0]}, and only Ed25519 (1) is known here`)
  if (bytes.length !== 33) refuse(`its public key has ${bytes.length - 1} bytes instead of 32`)
  const publicKey = bytes.slice(1)
  const keyId = new Uint8Array((await sha256(keyIdInput(name, publicKey))).subarray(0, 4))
  if (hexOf(keyId) !== idHex) refuse(`its id is ${idHex} and its content gives ${hexOf(keyId)}`)
  return { name, keyId, publicKey }
}
