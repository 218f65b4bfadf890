import { privateKeyToAccount } from 'viem/accounts'
import { expect, it } from 'vitest'
import type { Receipt } from '../../protocol/receipt.ts'
import { type Eip712Receipt, receiptTypedData } from '../../protocol/tlog/receiptTypedData.ts'
import { verifyEip712 } from './eip712.ts'

const receipt: Receipt = {
  v: 1,
  id: 'r1',
  relay: 'opentab-1f2e3d4c/log',
  task: 't1',
  kind: 'kernel',
  subject: 'ab'.repeat(32),
  input: 'cd'.repeat(32),
  output: 'ef'.repeat(32),
  seed: null,
  deviceClass: 'google-swiftshader-156',
  lane: 'exact',
  verdict: 'freivalds',
  operations: 2_147_483_648,
  microCredits: '2147484',
  account: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  previous: null,
}

/** Signed by viem's own account, whose messages hold integers as bigint. */
async function signed(): Promise<Eip712Receipt> {
  const wallet = privateKeyToAccount(`0x${'11'.repeat(32)}`)
  const typed = receiptTypedData(receipt)
  const { message } = typed
  const signature = await wallet.signTypedData({
    ...typed,
    message: {
      ...message,
      subject: `0x${receipt.subject}`,
      input: `0x${receipt.input}`,
      output: `0x${receipt.output}`,
      account: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
      seed: BigInt(message.seed),
      operations: BigInt(message.operations),
      microCredits: BigInt(message.microCredits),
    },
  })
  return { ...typed, signature, signer: wallet.address }
}

it('refuses a message that was changed, and another signer', async () => {
  const good = await signed()
  expect(await verifyEip712({ ...good, message: { ...good.message, microCredits: '2147485' } })).toBe(false)
  expect(await verifyEip712({ ...good, signer: receipt.account })).toBe(false)
})

it('takes what the signer signed, with integers as strings', async () => {
  expect(await verifyEip712(await signed())).toBe(true)
})
