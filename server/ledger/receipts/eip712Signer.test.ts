import { hashTypedData, recoverTypedDataAddress } from 'viem'
import { afterEach, expect, test } from 'vitest'
import { receiptTypedData } from '../../../protocol/tlog/receiptTypedData.ts'
import { fixtureReceipt } from '../log/fixtureLog.ts'
import { Eip712Signer } from './eip712Signer.ts'
import { viemTypedData } from './viemTypedData.ts'

const evm = {
  privateKey: '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
  address: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
} as const
const signer = new Eip712Signer(evm)
afterEach(() => signer.close())

test('signs several receipts at once, each as itself, and starts again after it was closed', async () => {
  for (let round = 0; round < 2; round++) {
    const receipts = [0, 1, 2, 3].map((n) => fixtureReceipt(n, n === 2 ? { seed: null, previous: null } : {}))
    const all = await Promise.all(receipts.map((receipt) => signer.sign(receipt)))
    for (const [i, signed] of all.entries()) {
      expect(signed.message.id).toBe(receipts[i]!.id)
      const signature = signed.signature as `0x${string}`
      expect(await recoverTypedDataAddress({ ...viemTypedData(signed), signature })).toBe(evm.address)
    }
    await signer.close()
  }
})

test('what is waiting when it is closed is rejected', async () => {
  const waiting = signer.sign(fixtureReceipt(0))
  const rejected = expect(waiting).rejects.toThrow(/thread that signs receipts ended/)
  await signer.close()
  await rejected
})

test('the hash that is signed does not change from version to version', () => {
  const hash = (n: number, changes: object): string =>
    hashTypedData(viemTypedData(receiptTypedData(fixtureReceipt(n, changes))))
  expect([hash(7, {}), hash(7, { seed: null, previous: null })]).toMatchInlineSnapshot(`
    [
      "0x972efd2cb5d25a6e0326d2da1c086bad68fdd7ae67166d42c967549fca6a07ee",
      "0x05fde578a9ac92bb3efcd293d3cb6f26fb3ba5365174bcd6c68eb5959ee7043e",
    ]
  `)
})
