import { OpentabError } from '../errors.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { type Sha256, sameBytes } from './merkleHashes.ts'
import type { VerifierKey } from './verifierKey.ts'

/** Ed25519 as the platform has it: whether `signature` (64 bytes) over `message` is by `publicKey` (32 bytes). */
export type Ed25519Verify = (
  publicKey: Uint8Array<ArrayBuffer>,
  message: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
) => boolean | Promise<boolean>

/** The platform's cryptography that the checks need. */
export interface NoteCryptography {
  sha256: Sha256
  ed25519Verify: Ed25519Verify
}

/** One line under a note. */
export interface NoteSignature {
  /** Name of the key. */
  name: string
  /** First 4 bytes of the key's hash. */
  keyId: Uint8Array<ArrayBuffer>
  signature: Uint8Array<ArrayBuffer>
}

/** A text and who signed it (c2sp.org/signed-note). */
export interface SignedNote {
  /** What is signed; ends in a newline. */
  text: string
  signatures: NoteSignature[]
}

/** Most characters of a note and most signatures under it; the specification asks for at least 16. */
const MAX_NOTE_CHARACTERS = 1_000_000
const MAX_SIGNATURES = 100

/** Whether `name` may name a key: not empty, no Unicode space, no plus, no control character. */
export const isKeyName = (name: string): boolean =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: notes may not hold control characters
  name !== '' && name.isWellFormed() && !/[\p{White_Space}+\u0000-\u001f]/u.test(name)

const refuse = (why: string): never => {
  throw new OpentabError('receipt_invalid', `The signed note cannot be read: ${why}.`)
}

/** Takes a note apart; verifies nothing. Throws `receipt_invalid`. */
export function parseNote(note: string): SignedNote {
  if (note.length > MAX_NOTE_CHARACTERS) refuse(`it has more than ${MAX_NOTE_CHARACTERS} characters`)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the specification forbids them
  if (!note.isWellFormed() || /[\u0000-\u0009\u000b-\u001f]/.test(note)) {
    refuse('it holds characters that are not allowed')
  }
  const split = note.lastIndexOf('\n\n')
  if (split < 0 || !note.endsWith('\n')) refuse('no empty line, or no final newline, after its text')
  const lines = note.slice(split + 2, -1).split('\n')
  if (lines.length > MAX_SIGNATURES) refuse(`it has more than ${MAX_SIGNATURES} signatures`)
  const signatures = lines.map((line) => {
    const [dash, name, base64, ...more] = line.split(' ')
    if (dash !== '—' || name === undefined || base64 === undefined || more.length > 0 || !isKeyName(name)) {
      return refuse(`the line ${JSON.stringify(line)} is not a signature`)
    }
    const bytes = decodeBase64(base64, `The signature of ${name}`)
    if (bytes.length < 5) refuse(`the signature of ${name} is too short`)
    return { name, keyId: bytes.slice(0, 4), signature: bytes.slice(4) }
  })
  return { text: note.slice(0, split + 1), signatures }
}

/** Writes a note as text, the inverse of `parseNote`. */
export function formatNote(note: SignedNote): string {
  let out = `${note.text}\n`
  for (const { name, keyId, signature } of note.signatures) {
    const bytes = new Uint8Array(4 + signature.length)
    bytes.set(keyId)
    bytes.set(signature, 4)
    out += `— ${name} ${encodeBase64(bytes)}\n`
  }
  return out
}

/**
 * Whether the note carries a good signature by `key`. Signatures by other keys are ignored, as the specification says;
 * one that names this key and is wrong makes the whole note wrong.
 */
export async function verifyNote(
  note: SignedNote,
  key: VerifierKey,
  { ed25519Verify }: Pick<NoteCryptography, 'ed25519Verify'>,
): Promise<boolean> {
  const ours = note.signatures.filter((s) => s.name === key.name && sameBytes(s.keyId, key.keyId))
  const message = new TextEncoder().encode(note.text)
  for (const { signature } of ours) {
    if (signature.length !== 64 || !(await ed25519Verify(key.publicKey, message, signature))) return false
  }
  return ours.length > 0
}
