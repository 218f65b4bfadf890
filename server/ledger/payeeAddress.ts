// viem's own address functions, without the 300 ms and 40 MB that loading all of viem costs at start.
import { checksum, validate } from 'ox/Address'
import { OpentabError } from '../../protocol/errors.ts'

/**
 * The EIP-55 form of a payee's address.
 * @throws OpentabError `bad_address` for anything but 40 hex digits in lower case or with a valid checksum
 */
export function payeeAddress(text: string): `0x${string}` {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) {
    throw new OpentabError(
      'bad_address',
      `${JSON.stringify(text.slice(0, 60))} is not an address: it must be 0x and 40 hex digits.`,
    )
  }
  const digits = text.slice(2)
  if (digits !== digits.toLowerCase() && !validate(text, { strict: true })) {
    throw new OpentabError('bad_address', `${text} does not match its checksum (EIP-55).`)
  }
  if (/^0x0{40}$/.test(text)) throw new OpentabError('bad_address', 'The zero address belongs to nobody.')
  return checksum(text)
}
