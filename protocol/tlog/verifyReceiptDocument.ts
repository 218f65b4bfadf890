import { OpentabError } from '../errors.ts'
import { encodeReceipt, type Receipt } from '../receipt.ts'
import { decodeBase64 } from './base64.ts'
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts'
import { checkReceipt, decodeReceipt } from './decodeReceipt.ts'
import { leafHash, sameBytes } from './merkleHashes.ts'
import { rootOfInclusion } from './merkleProofs.ts'
import { type ProofFile, parseProofFile } from './proofFile.ts'
import { checkReceiptDocument, type UntrustedReceiptDocument } from './receiptDocument.ts'
import { type Eip712Receipt, receiptTypedData } from './receiptTypedData.ts'
import { type NoteCryptography, parseNote, type SignedNote, verifyNote } from './signedNote.ts'
import { parseVerifierKey, type VerifierKey } from './verifierKey.ts'

/** The checks in their order. A page that translates keys its texts by these. */
export type StepName =
  | 'key'
  | 'document'
  | 'entry'
  | 'canonical'
  | 'id'
  | 'receipt'
  | 'proof'
  | 'index'
  | 'inclusion'
  | 'signature'
  | 'origin'
  | 'eip712'

/** One check, in words. */
export interface VerificationStep {
  name: StepName
  ok: boolean
  /** What was found, in one English sentence. */
  text: string
}

export interface ReceiptCryptography extends NoteCryptography {
  /** Whether the EIP-712 signature is by `signer`; left out where no wallet library is at hand. */
  verifyEip712?: (signed: Eip712Receipt) => boolean | Promise<boolean>
  /** The relay's EVM address where it is known, any case; the log's key says nothing about it. */
  expectedSigner?: string
}

/** Whether every step is good, and all of them were done. */
export const allStepsHold = (steps: readonly VerificationStep[]): boolean => steps.every((step) => step.ok)

const short = (bytes: Uint8Array): string =>
  Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join('')

/** Equality of JSON values; the order of keys does not matter. */
function sameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => Object.hasOwn(b, key) && sameJson(Reflect.get(a, key), Reflect.get(b, key)))
}

/** A check that found something wrong: the sentence to show. */
class Failure extends Error {}
const fail = (why: string): never => {
  throw new Failure(why)
}

/**
 * Checks a receipt as anyone can, offline: `document` is the JSON of `GET /v1/receipts/{id}`, `vkey` the log's verifier
 * key from a source that the reader trusts. Never throws over what the document holds: each check is a step, and a
 * step that cannot be done because an earlier one failed is not ok either.
 */
export async function verifyReceiptDocument(
  document: unknown,
  vkey: string,
  cryptography: ReceiptCryptography,
): Promise<VerificationStep[]> {
  const { sha256 } = cryptography
  const steps: VerificationStep[] = []
  /** Runs one check: its result, or undefined when it failed or something it needs is missing. */
  async function step<T>(
    name: StepName,
    needs: readonly unknown[],
    check: () => Promise<[T, string]>,
  ): Promise<T | undefined> {
    if (needs.includes(undefined)) {
      steps.push({ name, ok: false, text: 'Not checked, because an earlier step failed.' })
      return undefined
    }
    try {
      const [value, text] = await check()
      steps.push({ name, ok: true, text })
      return value
    } catch (error) {
      const understood = error instanceof Failure || error instanceof OpentabError
      const why = error instanceof Error ? error.message : String(error)
      steps.push({ name, ok: false, text: understood ? why : `The check could not be done: ${why}` })
      return undefined
    }
  }

  const key = await step<VerifierKey>('key', [], async () => {
    const parsed = await parseVerifierKey(vkey, sha256)
    return [parsed, `The key is the one of the log ${parsed.name}, with the id ${short(parsed.keyId)}.`]
  })
  const shown = await step<UntrustedReceiptDocument>('document', [], async () => [
    checkReceiptDocument(document),
    'The document has all its parts.',
  ])
  const entry = await step<{ bytes: Uint8Array; receipt: Receipt }>('entry', [shown], async () => {
    const bytes = decodeBase64(shown!.entry, 'The entry')
    const receipt = decodeReceipt(bytes)
    return [
      { bytes, receipt },
      `The log entry is a receipt of ${receipt.microCredits} micro-credits for ${receipt.account}.`,
    ]
  })
  await step('canonical', [entry], async () => {
    const canonical = new TextEncoder().encode(encodeReceipt(entry!.receipt))
    if (!sameBytes(canonical, entry!.bytes)) fail('The entry is not written in canonical JSON (RFC 8785).')
    return [true, 'The entry is canonical JSON (RFC 8785): it can be read in one way only.']
  })
  await step('id', [entry], async () => {
    if (entry!.receipt.id !== shown!.id) {
      fail(
        `The document names the receipt ${JSON.stringify(shown!.id)} and the entry ${JSON.stringify(entry!.receipt.id)}.`,
      )
    }
    return [true, `Document and entry name the same receipt, ${shown!.id}.`]
  })
  await step('receipt', [entry], async () => {
    const readable = checkReceipt(shown!.receipt, 'The readable receipt')
    if (!sameJson(readable, entry!.receipt)) fail('The readable receipt says something else than the entry.')
    return [true, 'The readable receipt says the same as the entry.']
  })
  const proof = await step<{ file: ProofFile; note: SignedNote; checkpoint: Checkpoint }>(
    'proof',
    [shown],
    async () => {
      const file = parseProofFile(shown!.proof)
      const note = parseNote(file.checkpoint)
      const checkpoint = parseCheckpoint(note.text)
      if (file.extra !== undefined) fail('The proof carries extra data, which nobody signed.')
      return [
        { file, note, checkpoint },
        `The proof speaks of the log’s first ${checkpoint.size === 1 ? 'entry' : `${checkpoint.size} entries`}.`,
      ]
    },
  )
  await step('index', [proof], async () => {
    if (proof!.file.index !== shown!.index) {
      fail(`The document puts the entry at ${shown!.index} and the proof at ${proof!.file.index}.`)
    }
    return [true, `The entry is number ${shown!.index} of the log, counted from 0.`]
  })
  await step('inclusion', [entry, proof], async () => {
    const { file, checkpoint } = proof!
    const leaf = await leafHash(sha256, entry!.bytes)
    const root = await rootOfInclusion(sha256, file.index, checkpoint.size, leaf, file.path)
    if (root === null)
      return fail(
        `A proof of ${file.path.length} hashes does not fit entry ${file.index} of ${checkpoint.size}.`,
      )
    if (!sameBytes(root, checkpoint.root))
      fail('The entry and its path do not lead to the checkpoint’s root.')
    const hashes = file.path.length === 1 ? '1 hash' : `${file.path.length} hashes`
    return [true, `The entry and ${hashes} lead to the checkpoint’s root ${short(root)}….`]
  })
  await step('signature', [key, proof], async () => {
    if (!(await verifyNote(proof!.note, key!, cryptography))) {
      fail(`The checkpoint carries no good signature by the key ${key!.name}+${short(key!.keyId)}.`)
    }
    return [true, `The log’s key signed the checkpoint.`]
  })
  await step('origin', [key, entry, proof], async () => {
    const { origin } = proof!.checkpoint
    if (origin !== entry!.receipt.relay)
      fail(`The checkpoint is of ${origin} and the receipt of ${entry!.receipt.relay}.`)
    if (origin !== key!.name) fail(`The checkpoint is of ${origin} and the key of ${key!.name}.`)
    return [true, `Receipt, checkpoint and key name the same log, ${origin}.`]
  })
  if (shown !== undefined && Object.hasOwn(shown, 'eip712')) {
    await step('eip712', [entry], async () => [
      true,
      await eip712Step(shown.eip712, entry!.receipt, cryptography),
    ])
  }
  return steps
}

const matches = (value: unknown, pattern: RegExp): boolean => typeof value === 'string' && pattern.test(value)

const isEip712 = (value: unknown): value is Eip712Receipt =>
  typeof value === 'object' &&
  value !== null &&
  matches(Reflect.get(value, 'signature'), /^0x[0-9a-f]{130}$/) &&
  matches(Reflect.get(value, 'signer'), /^0x[0-9a-fA-F]{40}$/)

async function eip712Step(
  value: unknown,
  receipt: Receipt,
  cryptography: ReceiptCryptography,
): Promise<string> {
  if (!isEip712(value)) return fail('The EIP-712 form has no signature and signer that can be read.')
  const { signature, signer, ...typedData } = value
  if (!sameJson(typedData, receiptTypedData(receipt)))
    fail('The EIP-712 form says something else than the entry.')
  const { verifyEip712, expectedSigner } = cryptography
  if (expectedSigner !== undefined && expectedSigner.toLowerCase() !== signer.toLowerCase()) {
    fail(`The EIP-712 form names the signer ${signer}, and the relay’s address is ${expectedSigner}.`)
  }
  if (verifyEip712 === undefined)
    return 'The EIP-712 form says the same as the entry; its signature was not checked here.'
  if (!(await verifyEip712(value))) fail(`The EIP-712 signature is not by ${signer}.`)
  return `The EIP-712 form says the same as the entry and is signed by ${signer}.`
}
