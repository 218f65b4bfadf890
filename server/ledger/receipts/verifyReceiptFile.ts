import type { Eip712Receipt } from '../../../protocol/tlog/receiptTypedData.ts'
import {
  allStepsHold,
  type VerificationStep,
  verifyReceiptDocument,
} from '../../../protocol/tlog/verifyReceiptDocument.ts'
import { nodeCryptography } from '../log/logSigner.ts'
import { viemTypedData } from './viemTypedData.ts'

/** What `opentab receipt verify` says. */
export interface ReceiptVerification {
  valid: boolean
  /** Every check in words, in order. */
  steps: VerificationStep[]
}

/**
 * Checks a receipt offline. `document`: the parsed JSON of `GET /v1/receipts/{id}`; `vkey`: the log's verifier key
 * from a trusted source; `expectedSigner`: the relay's EVM address, where it is known. Never throws over what they hold.
 */
export async function verifyReceiptFile(
  document: unknown,
  vkey: string,
  expectedSigner?: string,
): Promise<ReceiptVerification> {
  const steps = await verifyReceiptDocument(document, vkey, {
    ...nodeCryptography,
    verifyEip712,
    expectedSigner,
  })
  return { valid: allStepsHold(steps), steps }
}

async function verifyEip712(signed: Eip712Receipt): Promise<boolean> {
  // Loaded only for receipts that carry a wallet signature: it takes 200 ms.
  const { isHex, recoverTypedDataAddress } = await import('viem')
  if (!isHex(signed.signature)) return false
  const signer = await recoverTypedDataAddress({ ...viemTypedData(signed), signature: signed.signature })
  return signer.toLowerCase() === signed.signer.toLowerCase()
}
