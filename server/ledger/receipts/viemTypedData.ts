import type { TypedDataDefinition } from 'viem'
import type { ReceiptTypedData } from '../../../protocol/tlog/receiptTypedData.ts'

/** A receipt's typed data in the types of viem, which wants integers as numbers rather than as the strings of JSON. */
export function viemTypedData({
  domain,
  types,
  primaryType,
  message,
}: ReceiptTypedData): TypedDataDefinition {
  return {
    domain,
    types,
    primaryType,
    message: {
      ...message,
      seed: BigInt(message.seed),
      operations: BigInt(message.operations),
      microCredits: BigInt(message.microCredits),
    },
  }
}
