import { entriesBetween } from './logReader.ts'
import type { LogWriter } from './logWriter.ts'
import { parseTilePath } from './tilePath.ts'
import { TILE_WIDTH } from './treeHash.ts'

/** The part of the log that serving needs. */
export type PublishedLog = Pick<LogWriter, 'tree' | 'published'>

/** Bytes under a path of the log (`tile/0/x001/067`, `tile/entries/000.p/17`), or undefined: answer 404. */
export function tileResource(log: PublishedLog, path: string): Uint8Array | undefined {
  const name = parseTilePath(path)
  if (name === null) return undefined
  return name.level === 'entries'
    ? entriesBundle(log, name.n, name.width)
    : tileBytes(log, name.level, name.n, name.width)
}

/** The first `width` hashes of a tile, 32 bytes each, or undefined while the published tree has not got them. */
export function tileBytes(
  log: PublishedLog,
  level: number,
  n: number,
  width: number,
): Uint8Array | undefined {
  const hashes = Math.floor(log.published.size / TILE_WIDTH ** level)
  return hashes < n * TILE_WIDTH + width ? undefined : log.tree.tile(level, n, width)
}

/** `width` entries from the n-th bundle's first on, each behind its big-endian u16 length; undefined as for a tile. */
export function entriesBundle(log: PublishedLog, n: number, width: number): Uint8Array | undefined {
  const first = n * TILE_WIDTH
  const end = first + width
  return log.published.size < end ? undefined : entriesBetween(log.tree.reader, first, end)
}

/** One published entry's bytes, or undefined. */
export function entryAt(log: PublishedLog, index: number): Uint8Array | undefined {
  return index < log.published.size
    ? entriesBetween(log.tree.reader, index, index + 1)?.subarray(2)
    : undefined
}
