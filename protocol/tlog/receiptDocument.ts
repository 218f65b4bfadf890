import { OpentabError } from '../errors.ts'
import type { Receipt } from '../receipt.ts'
import type { Eip712Receipt } from './receiptTypedData.ts'

/** The JSON of `GET /v1/receipts/{id}`. */
export interface ReceiptDocument {
  id: string
  /** The entry as an object, for reading; the entry is what counts. */
  receipt: Receipt
  /** The log entry's bytes, base64. */
  entry: string
  /** Zero-based index of the entry in the log. */
  index: number
  /** The proof file (c2sp.org/tlog-proof). */
  proof: string
  /** Present once it was asked for. */
  eip712?: Eip712Receipt
}

/** A document from anywhere: the right fields, nothing in them believed. */
export interface UntrustedReceiptDocument {
  id: string
  receipt: unknown
  entry: string
  index: number
  proof: string
  eip712?: unknown
}

const fields = ['id', 'receipt', 'entry', 'index', 'proof', 'eip712']

function isDocument(value: object): value is UntrustedReceiptDocument {
  const has = (field: string, type: string): boolean => typeof Reflect.get(value, field) === type
  return (
    has('id', 'string') &&
    has('receipt', 'object') &&
    has('entry', 'string') &&
    has('proof', 'string') &&
    Number.isSafeInteger(Reflect.get(value, 'index'))
  )
}

/** Checks that a JSON value has a receipt document's fields and no others. Throws `receipt_invalid`. */
export function checkReceiptDocument(value: unknown): UntrustedReceiptDocument {
  const refuse = (why: string, fix?: string): never => {
    throw new OpentabError('receipt_invalid', `This is not a receipt document: ${why}.`, fix ? { fix } : {})
  }
  if (typeof value !== 'object' || value === null) return refuse('it is not a JSON object')
  if (Reflect.get(value, 'state') === 'pending') {
    return refuse('the log has not published the receipt yet', 'Fetch it again in a second.')
  }
  const unknown = Object.keys(value).find((field) => !fields.includes(field))
  if (unknown !== undefined) return refuse(`it has the unknown field ${JSON.stringify(unknown)}`)
  if (!isDocument(value)) return refuse('id, receipt, entry, index or proof is missing or of another type')
  return value
}
