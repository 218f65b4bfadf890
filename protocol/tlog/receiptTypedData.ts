import type { Receipt } from '../receipt.ts'

/**
 * A receipt as EIP-712 typed data, so that wallets show it and contracts check it. The domain holds no chain id and no
 * contract: a receipt states a fact, it moves no money on any chain (docs/decisions/eip712-receipt.md).
 */
export const receiptDomain = { name: 'Opentab', version: '1' } as const

/** The struct's members in their order: it is hashed as written. */
export const receiptTypes = {
  Receipt: [
    { name: 'v', type: 'uint8' },
    { name: 'id', type: 'string' },
    { name: 'relay', type: 'string' },
    { name: 'task', type: 'string' },
    { name: 'kind', type: 'string' },
    { name: 'subject', type: 'bytes32' },
    { name: 'input', type: 'bytes32' },
    { name: 'output', type: 'bytes32' },
    { name: 'seed', type: 'int64' },
    { name: 'deviceClass', type: 'string' },
    { name: 'lane', type: 'string' },
    { name: 'verdict', type: 'string' },
    { name: 'operations', type: 'uint64' },
    { name: 'microCredits', type: 'uint256' },
    { name: 'account', type: 'address' },
    { name: 'previous', type: 'string' },
  ],
} as const

/** Values of the struct; integers beyond 32 bits as decimal strings, so that JSON carries them. */
export interface ReceiptMessage {
  v: number
  id: string
  relay: string
  task: string
  kind: string
  /** 0x and 64 hex digits, as `input` and `output`. */
  subject: string
  input: string
  output: string
  /** -1 where the receipt's seed is null. */
  seed: string
  deviceClass: string
  lane: string
  verdict: string
  operations: string
  microCredits: string
  account: string
  /** Empty where the receipt's previous is null. */
  previous: string
}

/** What a wallet signs or shows. */
export interface ReceiptTypedData {
  domain: typeof receiptDomain
  types: typeof receiptTypes
  primaryType: 'Receipt'
  message: ReceiptMessage
}

/** Typed data with its signature, as `GET /v1/receipts/{id}` gives it. */
export interface Eip712Receipt extends ReceiptTypedData {
  /** 65 bytes r || s || v, hex behind 0x. */
  signature: string
  /** EIP-55 address of the relay's key. */
  signer: string
}

/** The typed data of a receipt. */
export function receiptTypedData(receipt: Receipt): ReceiptTypedData {
  return {
    domain: receiptDomain,
    types: receiptTypes,
    primaryType: 'Receipt',
    message: {
      v: receipt.v,
      id: receipt.id,
      relay: receipt.relay,
      task: receipt.task,
      kind: receipt.kind,
      subject: `0x${receipt.subject}`,
      input: `0x${receipt.input}`,
      output: `0x${receipt.output}`,
      seed: receipt.seed === null ? '-1' : String(receipt.seed),
      deviceClass: receipt.deviceClass,
      lane: receipt.lane,
      verdict: receipt.verdict,
      operations: String(receipt.operations),
      microCredits: receipt.microCredits,
      account: receipt.account,
      previous: receipt.previous ?? '',
    },
  }
}
