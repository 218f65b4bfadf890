import { encodeBase64 } from '../../../protocol/tlog/base64.ts'
import { decodeReceipt } from '../../../protocol/tlog/decodeReceipt.ts'
import { formatProofFile } from '../../../protocol/tlog/proofFile.ts'
import type { ReceiptDocument } from '../../../protocol/tlog/receiptDocument.ts'
import type { Eip712Receipt } from '../../../protocol/tlog/receiptTypedData.ts'
import { entryAt, type PublishedLog } from '../log/tiles.ts'

/** The `.tlog-proof` of entry `index` under the published checkpoint; undefined while that does not cover it. */
export function receiptProof(log: PublishedLog, index: number): string | undefined {
  const { size, text } = log.published
  if (index >= size) return undefined
  return formatProofFile({ index, path: log.tree.inclusionProof(index, size), checkpoint: text })
}

/** The JSON of `GET /v1/receipts/{id}`; undefined while no published checkpoint covers the entry: answer 202. */
export function receiptDocument(
  log: PublishedLog,
  index: number,
  eip712?: Eip712Receipt,
): ReceiptDocument | undefined {
  const proof = receiptProof(log, index)
  const entry = entryAt(log, index)
  if (proof === undefined || entry === undefined) return undefined
  const receipt = decodeReceipt(entry)
  return { id: receipt.id, receipt, entry: encodeBase64(entry), index, proof, ...(eip712 && { eip712 }) }
}
