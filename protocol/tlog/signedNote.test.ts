import { createHash, createPublicKey, verify, webcrypto } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { formatNote, type NoteCryptography, parseNote, verifyNote } from './signedNote.ts'
import { formatVerifierKey, parseVerifierKey } from './verifierKey.ts'

const spki = Buffer.from('302a300506032b6570032100', 'hex')
const node: NoteCryptography = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  ed25519Verify: (publicKey, message, signature) =>
    verify(
      null,
      message,
      createPublicKey({ key: Buffer.concat([spki, publicKey]), format: 'der', type: 'spki' }),
      signature,
    ),
}
/** As a page does it. */
const browser: NoteCryptography = {
  sha256: async (bytes) => new Uint8Array(await webcrypto.subtle.digest('SHA-256', bytes)),
  ed25519Verify: async (publicKey, message, signature) => {
    const key = await webcrypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify'])
    return webcrypto.subtle.verify('Ed25519', key, signature, message)
  },
}

// The example of golang.org/x/mod/sumdb/note.
const vkey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const text =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
const signature =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'
const example = `${text}\n${signature}`

// The example of c2sp.org/signed-note.
const specified =
  'Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n'

describe.each([
  ['Node', node],
  ['WebCrypto', browser],
])('a signed note with the cryptography of %s', (_, cryptography) => {
  const opens = async (note: string, by = vkey): Promise<boolean> =>
    verifyNote(parseNote(note), await parseVerifierKey(by, cryptography.sha256), cryptography)

  test('is good as published, and among signatures by strangers', async () => {
    expect(await opens(example)).toBe(true)
    const stranger = parseNote(specified).signatures[0]!
    const named = { ...stranger, name: 'PeterNeumann' }
    const note = parseNote(example)
    expect(await opens(formatNote({ text, signatures: [stranger, named, ...note.signatures] }))).toBe(true)
  })

  test('is not good without a signature by the key, or with one of two wrong', async () => {
    expect(await opens(specified)).toBe(false)
    const [good] = parseNote(example).signatures
    const bad = { ...good!, signature: good!.signature.map((byte, i) => (i === 9 ? byte ^ 1 : byte)) }
    expect(await opens(formatNote({ text, signatures: [bad] }))).toBe(false)
    expect(await opens(formatNote({ text, signatures: [good!, bad] }))).toBe(false)
    expect(
      await opens(formatNote({ text, signatures: [{ ...good!, signature: good!.signature.slice(1) }] })),
    ).toBe(false)
    expect(await opens(`${text.replace('answer', 'Answer')}\n${signature}`)).toBe(false)
  })
})

test('notes are read and written without a change', () => {
  for (const note of [example, specified]) expect(formatNote(parseNote(note))).toBe(note)
  expect(parseNote(specified).text.endsWith('\n\ned è subito sera.\n')).toBe(true)
})

test('what is not a note is refused', () => {
  for (const note of [
    '',
    text,
    `${text}\n`,
    example.slice(0, -1),
    `${example}\n`,
    example.replace('—', '-'),
    example.replace('— PeterNeumann', '—  PeterNeumann'),
    example.replace('PeterNeumann', 'Peter\u2003Neumann'),
    example.replace('PeterNeumann', 'Peter+Neumann'),
    example.replace('x08go', 'x08g*'),
    `${text}\n— PeterNeumann x08goA==\n`.replace('x08goA==', 'x08g'),
    example.replace('\n', '\r\n'),
    example.replace('If', '\ud800'),
    `${text}\n${signature.repeat(101)}`,
  ]) {
    expect(() => parseNote(note), JSON.stringify(note)).toThrow(/signed note cannot be read|is not base64/)
  }
  expect(parseNote(`${text}\n${signature.repeat(16)}`).signatures).toHaveLength(16)
})

test('a verifier key is read and written without a change, and refused when anything in it is off', async () => {
  expect(formatVerifierKey(await parseVerifierKey(` ${vkey}\n`, node.sha256))).toBe(vkey)
  for (const other of [
    '',
    vkey.replace('Peter', 'peter'),
    vkey.replace('c74f20a3', 'c74f20a4'),
    vkey.replace('c74f20a3', 'C74F20A3'),
    vkey.replace('ARpc', 'ARpd'),
    vkey.replace('ARpc', 'Ahpc'),
    vkey.slice(0, -4),
    vkey.replace('PeterNeumann', ''),
    'no key at all',
  ]) {
    await expect(parseVerifierKey(other, node.sha256), other).rejects.toThrow(/verifier key/i)
  }
})
