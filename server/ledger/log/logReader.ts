import type { LogBlock, Store } from '../../store/store.ts'
import { HASH_BYTES } from './treeHash.ts'

/** What the log reads back from a store: committed rows only. */
export type LogReader = Pick<Store, 'logBlockAt' | 'logTile' | 'logSize'>

/** A checkpoint that was signed: entries that it covers, and the signed note as served under `/log/checkpoint`. */
export interface PublishedCheckpoint {
  size: number
  text: string
}

/** A run of a block's entries, counted from the block's first. */
interface BlockRun {
  block: LogBlock
  from: number
  to: number
}

/** The runs that make up the entries [first, end), or undefined when the store lacks some. */
function runsBetween(reader: LogReader, first: number, end: number): BlockRun[] | undefined {
  const runs: BlockRun[] = []
  for (let next = first; next < end; ) {
    const block = reader.logBlockAt(next)
    if (block === undefined) return undefined
    const to = Math.min(end - block.firstIndex, block.count)
    runs.push({ block, from: next - block.firstIndex, to })
    next = block.firstIndex + to
  }
  return runs
}

/** Leaf hashes of the entries [first, end), 32 bytes each, or undefined. */
export function leafHashesBetween(reader: LogReader, first: number, end: number): Uint8Array | undefined {
  const runs = runsBetween(reader, first, end)
  return (
    runs &&
    Buffer.concat(
      runs.map((run) => run.block.leafHashes.subarray(run.from * HASH_BYTES, run.to * HASH_BYTES)),
    )
  )
}

/** The entries [first, end), each behind its length as a big-endian u16, or undefined. */
export function entriesBetween(reader: LogReader, first: number, end: number): Uint8Array | undefined {
  const runs = runsBetween(reader, first, end)
  return runs && Buffer.concat(runs.map(entriesOfRun))
}

/** The bytes of entry `index` of the log, which this block holds. */
export const entryOfBlock = (block: LogBlock, index: number): Uint8Array =>
  entriesOfRun({ block, from: index - block.firstIndex, to: index - block.firstIndex + 1 }).subarray(2)

function entriesOfRun({ block: { entries }, from, to }: BlockRun): Uint8Array {
  let at = 0
  let start = 0
  for (let i = 0; i < to; i++) {
    if (i === from) start = at
    at += 2 + entries[at]! * 256 + entries[at + 1]!
  }
  return entries.subarray(start, at)
}
