import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto'
import { OpentabError } from '../../../protocol/errors.ts'
import { decodeBase64, encodeBase64 } from '../../../protocol/tlog/base64.ts'
import type { NoteCryptography, NoteSignature } from '../../../protocol/tlog/signedNote.ts'
import { ED25519_TYPE, formatVerifierKey, keyIdInput } from '../../../protocol/tlog/verifierKey.ts'

/** PKCS #8 and SPKI headers of Ed25519 keys (RFC 8410); the 32 bytes of the key follow. */
const PKCS8_HEADER = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI_HEADER = Buffer.from('302a300506032b6570032100', 'hex')

/** Node's SHA-256 and Ed25519 for the checks in protocol/tlog. */
export const nodeCryptography: NoteCryptography = {
  sha256: (bytes) => hash('sha256', bytes, 'buffer'),
  ed25519Verify: (publicKey, message, signature) => {
    const key = createPublicKey({ key: Buffer.concat([SPKI_HEADER, publicKey]), format: 'der', type: 'spki' })
    return verify(null, message, key, signature)
  },
}

/** The log's Ed25519 key, named after the log's origin. */
export class LogSigner {
  /** Name of the key and first line of every checkpoint. */
  readonly origin: string
  /** Verifier key, the text of `GET /log/vkey`. */
  readonly vkey: string
  readonly #key: KeyObject
  readonly #keyId: Uint8Array<ArrayBuffer>

  /** From the 32-byte seed of the private key (RFC 8032). */
  constructor(origin: string, seed: Uint8Array) {
    this.origin = origin
    this.#key = createPrivateKey({ key: Buffer.concat([PKCS8_HEADER, seed]), format: 'der', type: 'pkcs8' })
    const spki = createPublicKey(this.#key).export({ format: 'der', type: 'spki' })
    const publicKey = new Uint8Array(spki.subarray(SPKI_HEADER.length))
    this.#keyId = new Uint8Array(hash('sha256', keyIdInput(origin, publicKey), 'buffer').subarray(0, 4))
    this.vkey = formatVerifierKey({ name: origin, keyId: this.#keyId, publicKey })
  }

  /** From `PRIVATE+KEY+<name>+<hex key id>+base64(type || seed)`, the form of Go's note package. Throws `bad_configuration`. */
  static parse(text: string): LogSigner {
    const [, name, idHex, base64] = /^PRIVATE\+KEY\+([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim()) ?? []
    if (name !== undefined && idHex !== undefined && base64 !== undefined) {
      const bytes = decodeBase64(base64, 'The log key')
      if (bytes.length === 33 && bytes[0] === ED25519_TYPE) {
        const signer = new LogSigner(name, bytes.subarray(1))
        if (Buffer.from(signer.#keyId).toString('hex') === idHex) return signer
      }
    }
    throw new OpentabError(
      'bad_configuration',
      'The log key cannot be read: it is not a PRIVATE+KEY line, or damaged.',
      {
        fix: 'Restore DATA/keys/log.key from a backup.',
      },
    )
  }

  /** The private key as text, for its file. */
  static format(origin: string, seed: Uint8Array): string {
    const id = new LogSigner(origin, seed).#keyId
    return `PRIVATE+KEY+${origin}+${Buffer.from(id).toString('hex')}+${encodeBase64(Uint8Array.of(ED25519_TYPE, ...seed))}`
  }

  /** The signature line for a note's text. */
  sign(text: string): NoteSignature {
    const signature = new Uint8Array(sign(null, Buffer.from(text, 'utf8'), this.#key))
    return { name: this.origin, keyId: this.#keyId, signature }
  }
}
