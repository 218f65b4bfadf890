import { describe, expect, it } from 'vitest'
import { payeeAddress } from './payeeAddress.ts'

/** Examples of EIP-55. */
const examples = [
  '0x52908400098527886E0F7030069857D2E4169EE7',
  '0xde709f2102306220921060314715629080e2fb77',
  '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
  '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
]

describe('a payee’s address', () => {
  it.each(examples)('%s is taken as it is and in lower case', (address) => {
    expect(payeeAddress(address)).toBe(address)
    expect(payeeAddress(address.toLowerCase())).toBe(address)
  })

  it.each([
    ['', 'is not an address'],
    ['0x', 'is not an address'],
    ['0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe', 'is not an address'],
    ['0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAedd', 'is not an address'],
    ['5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed', 'is not an address'],
    ['0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg', 'is not an address'],
    ['vitalik.eth', 'is not an address'],
    [' 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed', 'is not an address'],
    ['0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed', 'does not match its checksum'],
    ['0x0000000000000000000000000000000000000000', 'belongs to nobody'],
  ])('%j is refused', (text, why) => {
    expect(() => payeeAddress(text)).toThrow(why)
    expect(() => payeeAddress(text)).toThrow(expect.objectContaining({ code: 'bad_address' }))
  })
})
