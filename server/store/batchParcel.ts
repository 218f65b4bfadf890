import type { Batch, Transfer, VerifiedTask } from './store.ts'

/**
 * A batch on its way to the commit thread. The rows that come by the hundred travel as columns of numbers: copying an
 * array of objects between threads would cost more than writing them.
 */
export interface BatchParcel {
  /** The batch without its verified tasks and transfers. */
  rest: Omit<Batch, 'verified' | 'transfers'>
  /** task, generation, entry, bytes of the outputs (-1: none), one after the other. */
  verified: Float64Array<ArrayBuffer>
  /** The outputs, one after the other. */
  outputs: Uint8Array<ArrayBuffer>
  /** kind, subject, debit, credit, microCredits, at, one after the other. */
  transfers: Float64Array<ArrayBuffer>
}

const VERIFIED_COLUMNS = 4
const TRANSFER_COLUMNS = 6

export function packBatch({ verified, transfers, ...rest }: Batch): BatchParcel {
  let outputBytes = 0
  for (const row of verified) outputBytes += row.outputs?.byteLength ?? 0
  const parcel = {
    rest,
    verified: new Float64Array(verified.length * VERIFIED_COLUMNS),
    outputs: new Uint8Array(outputBytes),
    transfers: new Float64Array(transfers.length * TRANSFER_COLUMNS),
  }
  let at = 0
  let byte = 0
  for (const row of verified) {
    parcel.verified[at++] = row.task
    parcel.verified[at++] = row.generation
    parcel.verified[at++] = row.entry
    parcel.verified[at++] = row.outputs?.byteLength ?? -1
    if (row.outputs === null) continue
    parcel.outputs.set(row.outputs, byte)
    byte += row.outputs.byteLength
  }
  at = 0
  for (const row of transfers) {
    parcel.transfers[at++] = row.kind
    parcel.transfers[at++] = row.subject
    parcel.transfers[at++] = row.debit
    parcel.transfers[at++] = row.credit
    parcel.transfers[at++] = row.microCredits
    parcel.transfers[at++] = row.at
  }
  return parcel
}

/** The memory that changes hands with the parcel. */
export const memoryOf = (parcel: BatchParcel): ArrayBuffer[] => [
  parcel.verified.buffer,
  parcel.outputs.buffer,
  parcel.transfers.buffer,
]

export function unpackBatch({ rest, verified, outputs, transfers }: BatchParcel): Batch {
  const tasks: VerifiedTask[] = []
  let byte = 0
  for (let at = 0; at < verified.length; at += VERIFIED_COLUMNS) {
    const bytes = verified[at + 3]!
    tasks.push({
      task: verified[at]!,
      generation: verified[at + 1]!,
      entry: verified[at + 2]!,
      outputs: bytes < 0 ? null : outputs.subarray(byte, byte + bytes),
    })
    if (bytes > 0) byte += bytes
  }
  const rows: Transfer[] = []
  for (let at = 0; at < transfers.length; at += TRANSFER_COLUMNS) {
    rows.push({
      kind: transfers[at] as Transfer['kind'],
      subject: transfers[at + 1]!,
      debit: transfers[at + 2]!,
      credit: transfers[at + 3]!,
      microCredits: transfers[at + 4]!,
      at: transfers[at + 5]!,
    })
  }
  return { ...rest, verified: tasks, transfers: rows }
}
