import { say } from '../text/say.ts'

/** The checksum rules of EIP-55, from viem; handed in so that the library is fetched only when an address is there. */
export interface Eip55 {
  /** Whether mixed case matches its checksum. */
  isAddress(address: string): boolean
  /** The same address with its checksum. */
  getAddress(address: string): string
}

export type AddressCheck =
  | { ok: true; address: string }
  /** `text`: what is wrong and what to do, one or two sentences. */
  | { ok: false; problem: 'empty' | 'ens' | 'prefix' | 'characters' | 'length' | 'checksum'; text: string }

/**
 * Checks what a person pasted as a wallet address: all lower case, or mixed case that matches EIP-55. Blanks around it
 * and an `ethereum:` in front (as QR codes have it) are dropped.
 */
export function checkAddress(input: string, eip55: Eip55): AddressCheck {
  const address = input.trim().replace(/^ethereum:/i, '')
  if (address === '') return { ok: false, problem: 'empty', text: say('address.empty') }
  if (/^[^\s/]+\.[a-z]{2,}$/i.test(address)) {
    return { ok: false, problem: 'ens', text: say('address.ens', { name: address }) }
  }
  if (!/^0x/i.test(address)) return { ok: false, problem: 'prefix', text: say('address.prefix') }
  const digits = address.slice(2)
  const stranger = [...digits].find((character) => !/[0-9a-f]/i.test(character))
  if (stranger !== undefined) {
    return { ok: false, problem: 'characters', text: say('address.characters', { character: stranger }) }
  }
  if (digits.length !== 40) {
    return { ok: false, problem: 'length', text: say('address.length', { n: digits.length }) }
  }
  const written = `0x${digits}`
  const oneCase = digits === digits.toLowerCase()
  if (!oneCase && !eip55.isAddress(written)) {
    return { ok: false, problem: 'checksum', text: say('address.checksum') }
  }
  return { ok: true, address: eip55.getAddress(written) }
}

let library: Promise<Eip55> | undefined

/** Fetches viem's checksum once, when the first address is there. */
export function loadEip55(): Promise<Eip55> {
  library ??= import('./eip55.ts').catch((error: unknown) => {
    library = undefined
    throw error
  })
  return library
}
