import { OpentabError } from '../../protocol/errors.ts'
import { payeeAddress } from '../ledger/payeeAddress.ts'

/** The EIP-55 form of an address in a path. @throws OpentabError `invalid_value` */
export function addressInPath(text: string): `0x${string}` {
  try {
    return payeeAddress(text)
  } catch (error) {
    if (!(error instanceof OpentabError)) throw error
    throw new OpentabError('invalid_value', error.message, { param: 'address', fix: error.fix })
  }
}
