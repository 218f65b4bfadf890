/** Checks EIP-712 signatures with viem; a chunk of its own, fetched with the first receipt that carries one. */
import { type Hex, verifyTypedData } from 'viem'
import type { Eip712Receipt } from '../../protocol/tlog/receiptTypedData.ts'

const hex = (text: string): Hex => {
  if (!/^0x[0-9a-f]*$/i.test(text)) throw new TypeError(`${text} is not hexadecimal.`)
  return text as Hex
}

/** Whether the receipt's typed data is signed by the signer that it names. */
export async function verifyEip712(signed: Eip712Receipt): Promise<boolean> {
  const { message } = signed
  return verifyTypedData({
    address: hex(signed.signer),
    domain: signed.domain,
    types: signed.types,
    primaryType: signed.primaryType,
    message: {
      ...message,
      subject: hex(message.subject),
      input: hex(message.input),
      output: hex(message.output),
      account: hex(message.account),
      seed: BigInt(message.seed),
      operations: BigInt(message.operations),
      microCredits: BigInt(message.microCredits),
    },
    signature: hex(signed.signature),
  })
}
