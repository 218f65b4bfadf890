import { OpentabError } from '../errors.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { HASH_BYTES } from './merkleHashes.ts'

/** A tree's head: the text of the note that the log signs (c2sp.org/tlog-checkpoint). */
export interface Checkpoint {
  /** Name of the log. */
  origin: string
  /** Number of entries. */
  size: number
  /** Root hash, 32 bytes. */
  root: Uint8Array
}

/** The note's text: origin, size and root, a line each. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${encodeBase64(root)}\n`
}

/** Reads a note's text as a checkpoint; extension lines are allowed and not looked at. Throws `receipt_invalid`. */
export function parseCheckpoint(text: string): Checkpoint {
  const refuse = (why: string): never => {
    throw new OpentabError('receipt_invalid', `The checkpoint cannot be read: ${why}.`)
  }
  if (!text.endsWith('\n')) refuse('its last line does not end')
  const lines = text.slice(0, -1).split('\n')
  const [origin, sizeText, rootText] = lines
  if (!origin || !sizeText || !rootText || lines.includes(''))
    return refuse('it needs three lines that are not empty')
  const size = parseDecimal(sizeText)
  if (size === null) return refuse(`the size ${JSON.stringify(sizeText)} is not a decimal number below 2^53`)
  const root = decodeBase64(rootText, 'The checkpoint’s root')
  if (root.length !== HASH_BYTES) refuse(`its root has ${root.length} bytes instead of ${HASH_BYTES}`)
  return { origin, size, root }
}

/** A decimal number without leading zeros that a double holds exactly, else null. */
export function parseDecimal(text: string): number | null {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) return null
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : null
}
