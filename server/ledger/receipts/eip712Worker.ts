import { parentPort, workerData } from 'node:worker_threads'
import { privateKeyToAccount } from 'viem/accounts'
import type { ReceiptTypedData } from '../../../protocol/tlog/receiptTypedData.ts'
import { viemTypedData } from './viemTypedData.ts'

/** To the thread: typed data to sign. */
export interface SigningRequest {
  id: number
  typedData: ReceiptTypedData
}

/** From the thread: the signature (65 bytes, hex behind 0x), or why there is none. */
export type SigningAnswer = { id: number; signature: string } | { id: number; error: string }

const account = privateKeyToAccount(workerData)

parentPort?.on('message', async ({ id, typedData }: SigningRequest) => {
  let answer: SigningAnswer
  try {
    answer = { id, signature: await account.signTypedData(viemTypedData(typedData)) }
  } catch (error) {
    answer = { id, error: error instanceof Error ? error.message : String(error) }
  }
  parentPort?.postMessage(answer)
})
