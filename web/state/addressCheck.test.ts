import { describe, expect, it } from 'vitest'
import { checkAddress } from './addressCheck.ts'
import * as eip55 from './eip55.ts'

const check = (text: string) => checkAddress(text, eip55)
/** From the examples of EIP-55. */
const GOOD = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'

describe('an address is refused with its reason', () => {
  it.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['vitalik.eth', 'ens'],
    ['5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed', 'prefix'],
    [`${GOOD.slice(0, -1)}G`, 'characters'],
    [GOOD.slice(0, -1), 'length'],
    [`${GOOD}0`, 'length'],
    ['0x', 'length'],
    [GOOD.replace('aA', 'AA'), 'checksum'],
    [`0x${GOOD.slice(2).toUpperCase()}`, 'checksum'],
  ])('%j: %s', (text, problem) => {
    expect(check(text)).toMatchObject({ ok: false, problem })
  })
  it('says how many digits there are', () => {
    expect(check('0x1')).toMatchObject({ text: expect.stringContaining('has 1 digit after 0x and needs 40') })
  })
})

describe('an address is taken', () => {
  it('in lower case, and gets its checksum', () => {
    expect(check(GOOD.toLowerCase())).toEqual({ ok: true, address: GOOD })
  })
  it.each([
    '0x52908400098527886E0F7030069857D2E4169EE7',
    '0xde709f2102306220921060314715629080e2fb77',
    '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
    '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
  ])('with its checksum: %s', (address) => {
    expect(check(address)).toEqual({ ok: true, address })
  })
  it('with blanks around it and as a QR code holds it', () => {
    expect(check(` ${GOOD}\n`)).toEqual({ ok: true, address: GOOD })
    expect(check(`ethereum:${GOOD}`)).toEqual({ ok: true, address: GOOD })
  })
})
