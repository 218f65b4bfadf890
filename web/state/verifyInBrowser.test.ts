import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { encodeReceipt, type Receipt } from '../../protocol/receipt.ts'
import { verifyInBrowser } from './verifyInBrowser.ts'

const ORIGIN = 'opentab-1f2e3d4c/log'
const receipt: Receipt = {
  v: 1,
  id: 'r1',
  relay: ORIGIN,
  task: 't1',
  kind: 'infer',
  subject: 'ab'.repeat(32),
  input: 'cd'.repeat(32),
  output: 'ef'.repeat(32),
  seed: null,
  deviceClass: 'google-swiftshader-156',
  lane: 'float',
  verdict: 'recomputed',
  operations: 1000,
  microCredits: '1',
  account: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  previous: null,
}

/** A log of one entry by a fresh key: its root is the leaf's hash. Written after the C2SP texts, with Node's own crypto. */
function logOfOne() {
  const keys = generateKeyPairSync('ed25519')
  const publicKey = keys.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
  const typed = Buffer.concat([Buffer.from([1]), publicKey])
  const keyId = createHash('sha256')
    .update(Buffer.concat([Buffer.from(`${ORIGIN}\n`), typed]))
    .digest()
    .subarray(0, 4)
  const entry = Buffer.from(encodeReceipt(receipt))
  const root = createHash('sha256')
    .update(Buffer.concat([Buffer.from([0]), entry]))
    .digest()
  const text = `${ORIGIN}\n1\n${root.toString('base64')}\n`
  const signature = Buffer.concat([keyId, sign(null, Buffer.from(text), keys.privateKey)])
  const proof = `c2sp.org/tlog-proof@v1\nindex 0\n\n${text}\n— ${ORIGIN} ${signature.toString('base64')}\n`
  return {
    vkey: `${ORIGIN}+${keyId.toString('hex')}+${typed.toString('base64')}`,
    document: { id: 'r1', receipt, entry: entry.toString('base64'), index: 0, proof },
  }
}

function browser(vkey: string, stored = new Map<string, string>()) {
  return {
    stored,
    environment: {
      subtle: globalThis.crypto.subtle,
      verifierKey: async () => vkey,
      storage: {
        get: (key: string) => stored.get(key) ?? null,
        set: (key: string, value: string) => stored.set(key, value),
      },
      now: () => Date.UTC(2026, 10, 22, 12),
    },
  }
}

describe('a receipt checked in the browser', () => {
  it('fails where a figure was changed after it was proved, and its key is not remembered', async () => {
    const { vkey, document } = logOfOne()
    const { environment, stored } = browser(vkey)
    const more = { ...document, receipt: { ...receipt, microCredits: '1000' } }
    const { valid, steps } = await verifyInBrowser(more, environment)
    expect(valid).toBe(false)
    expect(steps.filter(({ ok }) => !ok).map(({ title }) => title)).toEqual(['What you read above'])
    expect(stored.size).toBe(0)
  })

  it('holds by WebCrypto, step by step, and its key is remembered', async () => {
    const { vkey, document } = logOfOne()
    const { environment, stored } = browser(vkey)
    const first = await verifyInBrowser(document, environment)
    expect(first.steps.filter(({ ok }) => !ok)).toEqual([])
    expect(first.valid).toBe(true)
    expect(first.steps[0]?.text).toContain('new to this browser')
    const second = await verifyInBrowser(document, browser(vkey, stored).environment)
    expect(second.steps[0]?.text).toBe('The log’s key is the one this browser has known since Nov 22, 2026.')
  })

  it('fails when the relay shows another key than before, however well it signs', async () => {
    const old = logOfOne()
    const { environment, stored } = browser(old.vkey)
    await verifyInBrowser(old.document, environment)
    const other = logOfOne()
    const { valid, steps } = await verifyInBrowser(other.document, browser(other.vkey, stored).environment)
    expect(valid).toBe(false)
    expect(steps[0]).toMatchObject({ ok: false, title: 'The key you know' })
    expect(steps.find(({ title }) => title === 'The signature')?.ok).toBe(false)
  })

  it('fails when the relay shows another key, though the receipt is signed by the one known', async () => {
    const old = logOfOne()
    const { environment, stored } = browser(old.vkey)
    await verifyInBrowser(old.document, environment)
    const { valid, steps } = await verifyInBrowser(old.document, browser(logOfOne().vkey, stored).environment)
    expect(valid).toBe(false)
    expect(steps.filter(({ ok }) => !ok).map(({ title }) => title)).toEqual(['The key you know'])
  })

  it('says that the browser cannot check the signature', async () => {
    const { vkey, document } = logOfOne()
    const { environment } = browser(vkey)
    const { subtle } = globalThis.crypto
    const old = {
      digest: subtle.digest.bind(subtle),
      importKey: async () => {
        throw new DOMException('Unrecognized name.', 'NotSupportedError')
      },
    } as unknown as SubtleCrypto
    const { valid, steps } = await verifyInBrowser(document, { ...environment, subtle: old })
    expect(valid).toBe(false)
    expect(steps.find(({ ok }) => !ok)?.text).toContain('cannot check Ed25519 signatures')
    await expect(verifyInBrowser(document, { ...environment, subtle: undefined })).rejects.toThrow(
      'plain HTTP',
    )
  })
})
