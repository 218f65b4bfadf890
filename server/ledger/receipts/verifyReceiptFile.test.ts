import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ReceiptDocument } from '../../../protocol/tlog/receiptDocument.ts'
import type { Eip712Receipt } from '../../../protocol/tlog/receiptTypedData.ts'
import { verifyReceiptDocument } from '../../../protocol/tlog/verifyReceiptDocument.ts'
import { FixtureLog, fixtureEntry, fixtureReceipt } from '../log/fixtureLog.ts'
import { LogSigner, nodeCryptography } from '../log/logSigner.ts'
import { Eip712Signer } from './eip712Signer.ts'
import { receiptDocument } from './receiptDocument.ts'
import { verifyReceiptFile } from './verifyReceiptFile.ts'

// The address and key of the first account of the well-known test phrase "test test ... junk".
const evm = {
  privateKey: '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
  address: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
} as const

const log = new FixtureLog()
for (let i = 0; i < 300; i += 20) log.append(...Array.from({ length: 20 }, (_, j) => fixtureEntry(i + j)))
log.publish()
const { vkey } = log.signer
const signer = new Eip712Signer(evm)
const plain = receiptDocument(log.writer, 137)!
let signed: ReceiptDocument & { eip712: Eip712Receipt }

beforeAll(async () => {
  const eip712 = await signer.sign(plain.receipt)
  signed = { ...receiptDocument(log.writer, 137, eip712)!, eip712 }
})
afterAll(() => signer.close())

/** As it travels. */
const sent = (document: unknown): unknown => JSON.parse(JSON.stringify(document))
const failures = async (document: unknown, key = vkey, expectedSigner?: string): Promise<string[]> => {
  const { valid, steps } = await verifyReceiptFile(sent(document), key, expectedSigner)
  const failed = steps.filter((step) => !step.ok).map((step) => step.name)
  expect(valid).toBe(failed.length === 0)
  return failed
}

describe('a receipt as the relay gives it', () => {
  test('is valid, with and without a wallet signature, and says so in words', async () => {
    expect(await failures(plain)).toEqual([])
    expect(await failures(signed)).toEqual([])
    expect(await failures(signed, vkey, evm.address.toLowerCase())).toEqual([])
    const { steps } = await verifyReceiptFile(sent(signed), vkey)
    expect(steps.map((step) => step.text)).toEqual([
      expect.stringMatching(
        /^The key is the one of the log opentab-1f2e3d4c\/log, with the id [0-9a-f]{8}\.$/,
      ),
      'The document has all its parts.',
      'The log entry is a receipt of 525 micro-credits for 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed.',
      'The entry is canonical JSON (RFC 8785): it can be read in one way only.',
      'Document and entry name the same receipt, r000000000000137.',
      'The readable receipt says the same as the entry.',
      'The proof speaks of the log’s first 300 entries.',
      'The entry is number 137 of the log, counted from 0.',
      expect.stringMatching(/^The entry and 9 hashes lead to the checkpoint’s root [0-9a-f]{8}…\.$/),
      'The log’s key signed the checkpoint.',
      'Receipt, checkpoint and key name the same log, opentab-1f2e3d4c/log.',
      `The EIP-712 form says the same as the entry and is signed by ${evm.address}.`,
    ])
  })

  test('is valid wherever in the log it stands', async () => {
    for (const index of [0, 1, 255, 256, 299])
      expect(await failures(receiptDocument(log.writer, index))).toEqual([])
  })

  test('speaks of one entry and of one hash in the singular', async () => {
    const said = async (entries: number): Promise<string> => {
      const small = new FixtureLog()
      small.append(...Array.from({ length: entries }, (_, i) => fixtureEntry(i)))
      small.publish()
      const { steps } = await verifyReceiptFile(sent(receiptDocument(small.writer, 0)), small.signer.vkey)
      return steps.map(({ text }) => text).join(' ')
    }
    expect(await said(1)).toContain('the log’s first entry.')
    expect(await said(1)).toContain('The entry and 0 hashes lead')
    expect(await said(2)).toContain('the log’s first 2 entries.')
    expect(await said(2)).toContain('The entry and 1 hash lead')
  })

  test('is not there before a checkpoint covers it', () => {
    log.append(fixtureEntry(300))
    expect(receiptDocument(log.writer, 300)).toBeUndefined()
    expect(receiptDocument(log.writer, 299)).toBeDefined()
  })
})

describe('a document in which something was changed is invalid, and the step says where', () => {
  const tampered = (changes: Partial<Record<keyof ReceiptDocument, unknown>>): Promise<string[]> =>
    failures({ ...signed, ...changes })

  test('id, index and parts', async () => {
    expect(await tampered({ id: 'r000000000000138' })).toEqual(['id'])
    expect(await tampered({ index: 138 })).toEqual(['index'])
    for (const part of ['id', 'receipt', 'entry', 'index', 'proof'] as const) {
      for (const value of [undefined, null, {}, 1.5]) {
        expect(await tampered({ [part]: value }), `${part} = ${value}`).not.toEqual([])
      }
    }
    expect(await failures({ ...plain, note: 'more' })).toContain('document')
    for (const other of [null, 'text', 7, [], { id: plain.id, state: 'pending' }]) {
      expect(await failures(other)).toContain('document')
    }
  })

  test('every field of the readable receipt', async () => {
    const other = fixtureReceipt(138, {
      relay: 'other/log',
      kind: 'infer',
      subject: 'd4'.repeat(32),
      input: 'd4'.repeat(32),
      output: 'd4'.repeat(32),
      seed: null,
      deviceClass: 'other',
      lane: 'float',
      verdict: 'unsampled',
      operations: 1,
      microCredits: '526',
      account: '0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
    })
    for (const field of Object.keys(other) as (keyof typeof other)[]) {
      if (field === 'v') continue
      const receipt = { ...plain.receipt, [field]: other[field] }
      expect(await tampered({ receipt }), field).toEqual(['receipt'])
      const { [field]: _, ...less } = plain.receipt
      expect(await tampered({ receipt: less }), `without ${field}`).toEqual(['receipt'])
    }
    expect(await tampered({ receipt: { ...plain.receipt, v: 2 } })).toEqual(['receipt'])
    expect(await tampered({ receipt: { ...plain.receipt, tip: '1' } })).toEqual(['receipt'])
    expect(await tampered({ receipt: [] })).toEqual(['receipt'])
  })

  test('every field of the entry', async () => {
    for (const [field, value] of Object.entries(fixtureReceipt(139, { relay: 'a/log', microCredits: '1' }))) {
      const entry = Buffer.from(
        fixtureEntry(137).replace(JSON.stringify(signed.receipt[field as 'id']), JSON.stringify(value)),
      )
      if (entry.toString() === fixtureEntry(137)) continue
      expect(await tampered({ entry: entry.toString('base64') }), field).toContain('inclusion')
    }
  })

  test('an entry that means the same but is written otherwise', async () => {
    const text = fixtureEntry(137)
    const write = (other: string): Promise<string[]> =>
      tampered({ entry: Buffer.from(other).toString('base64') })
    expect(await write(` ${text}`)).toEqual(['canonical', 'inclusion'])
    expect(await write(text.replace('kernel', '\\u006bernel'))).toEqual(['canonical', 'inclusion'])
    expect(await write(text.replace('{', '{"v":1,'))).toEqual(['canonical', 'inclusion'])
    expect(await write(text.replace('524288', '524288.0'))).toEqual(['canonical', 'inclusion'])
    expect(await write(text.replace('524288', '-0'))).toContain('entry')
    expect(await write(text.replace('t137', '\\ud800'))).toContain('entry')
    expect(await write('no json')).toContain('entry')
    expect(await tampered({ entry: Buffer.from([0xff, 0xfe]).toString('base64') })).toContain('entry')
    expect(await tampered({ entry: `${plain.entry.slice(0, -1)}-` })).toContain('entry')
  })

  test('every line of the proof', async () => {
    const lines = plain.proof.split('\n')
    expect(lines[2]).toHaveLength(44)
    for (let i = 0; i < lines.length - 1; i++) {
      const line = lines[i]!
      for (const other of [
        `${line}x`,
        line.replace(/[1-9A-Za-y]/, (c) => String.fromCharCode(c.charCodeAt(0) + 1)),
        null,
      ]) {
        if (other === line) continue
        const proof = (other === null ? lines.toSpliced(i, 1) : lines.with(i, other)).join('\n')
        const failed = await tampered({ proof })
        expect(
          failed.length,
          `line ${i} ${JSON.stringify(line)} as ${JSON.stringify(other)}`,
        ).toBeGreaterThan(0)
      }
    }
    const extra = plain.proof.replace('index', 'extra AAAA\nindex')
    expect(await tampered({ proof: extra })).toContain('proof')
  })

  test('every part of the wallet signature', async () => {
    const change = (changes: object): Promise<string[]> =>
      tampered({ eip712: { ...signed.eip712, ...changes } })
    const { message } = signed.eip712
    for (const field of Object.keys(message)) {
      expect(await change({ message: { ...message, [field]: '0x00' } }), field).toEqual(['eip712'])
    }
    expect(await change({ domain: { name: 'Opentab', version: '2' } })).toEqual(['eip712'])
    expect(await change({ domain: { ...signed.eip712.domain, chainId: 1 } })).toEqual(['eip712'])
    expect(await change({ types: { Receipt: signed.eip712.types.Receipt.slice(1) } })).toEqual(['eip712'])
    expect(await change({ primaryType: 'Other' })).toEqual(['eip712'])
    expect(await change({ signer: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8' })).toEqual(['eip712'])
    expect(await change({ signer: 7 })).toEqual(['eip712'])
    expect(await change({ signature: undefined })).toEqual(['eip712'])
    expect(await change({ more: 1 })).toEqual(['eip712'])
    for (const digit of [5, 40, 100]) {
      const { signature } = signed.eip712
      const other = signature[digit] === '1' ? '2' : '1'
      const flipped = signature.slice(0, digit) + other + signature.slice(digit + 1)
      expect(await change({ signature: flipped }), `digit ${digit}`).toEqual(['eip712'])
    }
    expect(await change({ signature: `0x${'0'.repeat(130)}` })).toEqual(['eip712'])
    for (const eip712 of [null, 'text', []]) expect(await tampered({ eip712 })).toEqual(['eip712'])
    expect(await failures(signed, vkey, '0x70997970C51812dc3A010C7d01b50e0d17dc79C8')).toEqual(['eip712'])
  })

  test('the key, also when a relay makes up a whole log of its own under the same name', async () => {
    const other = new LogSigner('opentab-1f2e3d4c/log', Buffer.alloc(32, 8))
    expect(await failures(plain, other.vkey)).toEqual(['signature'])
    expect(await failures(plain, new LogSigner('other/log', Buffer.alloc(32, 7)).vkey)).toEqual([
      'signature',
      'origin',
    ])
    expect(await failures(plain, 'nonsense')).toEqual(['key', 'signature', 'origin'])
  })

  test('a receipt of another relay inside this log', async () => {
    const own = new FixtureLog()
    own.append(fixtureEntry(0).replace('opentab-1f2e3d4c/log', 'opentab-00000000/log'))
    own.publish()
    expect(await failures(receiptDocument(own.writer, 0))).toEqual(['origin'])
  })
})

test('without a wallet library the wallet form is compared, and it says that the signature was not checked', async () => {
  const steps = await verifyReceiptDocument(sent(signed), vkey, nodeCryptography)
  expect(steps.at(-1)).toMatchObject({
    name: 'eip712',
    ok: true,
    text: expect.stringMatching(/not checked here/),
  })
})

test('a platform that lacks the cryptography is a failed step, not an exception', async () => {
  const ed25519Verify = (): never => {
    throw new Error('Ed25519 is not supported')
  }
  const steps = await verifyReceiptDocument(sent(plain), vkey, { ...nodeCryptography, ed25519Verify })
  expect(steps.filter((step) => !step.ok)).toEqual([
    { name: 'signature', ok: false, text: 'The check could not be done: Ed25519 is not supported' },
  ])
})
