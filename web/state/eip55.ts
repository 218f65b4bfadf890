/** The part of viem that the pages use; a chunk of its own, fetched when the first address is there. */
import { getAddress as checksum, isAddress as matches } from 'viem'

export const isAddress = (address: string): boolean => matches(address, { strict: true })
export const getAddress = (address: string): string => {
  if (!matches(address, { strict: false })) throw new TypeError(`${address} is not an address.`)
  return checksum(address)
}
