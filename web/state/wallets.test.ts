import { describe, expect, it } from 'vitest'
import { addWallet, type DetectedWallet, detectWallets, readAnnouncement } from './wallets.ts'

const info = { uuid: 'u1', name: 'Some Wallet', icon: 'data:image/svg+xml,<svg/>', rdns: 'org.example' }
const wallet = (request: (call: { method: string }) => Promise<unknown>) =>
  readAnnouncement({ info, provider: { request } })

describe('an announcement is dropped', () => {
  it.each([
    ['that is nothing', undefined],
    ['without a provider', { info }],
    ['whose provider cannot be asked', { info, provider: { request: 'x' } }],
    [
      'whose icon would be fetched',
      { info: { ...info, icon: 'https://x/icon.png' }, provider: { request() {} } },
    ],
    ['without a name', { info: { ...info, name: '' }, provider: { request() {} } }],
  ])('%s', (_, detail) => {
    expect(readAnnouncement(detail)).toBeNull()
  })
})

describe('a wallet asked for its address', () => {
  it('gives its first account, with its own this', async () => {
    class Provider {
      account = '0xabc'
      async request({ method }: { method: string }) {
        return method === 'eth_requestAccounts' ? [this.account] : null
      }
    }
    await expect(readAnnouncement({ info, provider: new Provider() })?.address()).resolves.toBe('0xabc')
  })
  it('says in words that the person refused', async () => {
    await expect(wallet(() => Promise.reject({ code: 4001, message: 'no' }))?.address()).rejects.toThrow(
      'Some Wallet did not share an address. Allow it there, or paste the address.',
    )
    await expect(wallet(async () => [])?.address()).rejects.toThrow('did not share')
  })
  it('passes on why it failed', async () => {
    await expect(wallet(() => Promise.reject(new Error('Locked')))?.address()).rejects.toThrow(
      'Some Wallet gave no address: Locked. Paste the address instead.',
    )
  })
})

it('finds wallets that are there already and those that come later, once each', () => {
  const target = new EventTarget()
  const announce = (uuid: string) =>
    target.dispatchEvent(
      new CustomEvent('eip6963:announceProvider', {
        detail: { info: { ...info, uuid }, provider: { request: async () => [] } },
      }),
    )
  target.addEventListener('eip6963:requestProvider', () => announce('early'))
  let known: readonly DetectedWallet[] = []
  const end = detectWallets(target, (found) => {
    known = addWallet(known, found)
  })
  announce('late')
  announce('late')
  end()
  announce('too late')
  expect(known.map(({ uuid }) => uuid)).toEqual(['early', 'late'])
})
