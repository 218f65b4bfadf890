import { type Datatype, datatypes } from '../../../protocol/tensor.ts'

/** Whether elements of a datatype are whole numbers that no double holds in general: here they are bigint. */
export const isWide = (datatype: Datatype): datatype is 'INT64' | 'UINT64' =>
  datatype === 'INT64' || datatype === 'UINT64'

/** Least value of a datatype of whole numbers, and the one past its greatest. */
export function wholeRange(datatype: Datatype): [least: bigint, past: bigint] {
  const bits = BigInt(datatypes[datatype].bytes * 8)
  return datatype.startsWith('INT') ? [-(2n ** (bits - 1n)), 2n ** (bits - 1n)] : [0n, 2n ** bits]
}

/** Whether a datatype of whole numbers holds a value as it is. */
export function holderOf(datatype: Datatype): (value: number | bigint) => boolean {
  const [least, past] = wholeRange(datatype)
  return (value) => (typeof value === 'bigint' || Number.isInteger(value)) && value >= least && value < past
}
