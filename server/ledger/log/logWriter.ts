import { OpentabError } from '../../../protocol/errors.ts'
import { formatCheckpoint, parseCheckpoint } from '../../../protocol/tlog/checkpoint.ts'
import { formatNote, parseNote } from '../../../protocol/tlog/signedNote.ts'
import type { LogBlock, LogTile } from '../../store/store.ts'
import type { LogReader, PublishedCheckpoint } from './logReader.ts'
import type { LogSigner } from './logSigner.ts'
import { LogTree } from './logTree.ts'
import { MerkleFrontier } from './merkleFrontier.ts'
import { binaryHash, bytesOf, HASH_BYTES } from './treeHash.ts'

/** Largest entry: its length is a u16 (c2sp.org/tlog-tiles). */
export const MAX_ENTRY_BYTES = 0xffff
/** Shortest time between two published checkpoints while entries keep coming, ms. */
export const PUBLISH_INTERVAL_MS = 1000

/** What one group commit must store, in the transaction that credits. */
export interface LogCommit {
  /** The entries; entry i of the commit is number `block.firstIndex + i` of the log. */
  block: Omit<LogBlock, 'at'>
  /** Tiles that became full; none for most commits. */
  tiles: LogTile[]
}

/**
 * The log's only writer. Per group commit: `append` the entries and store what comes back in the same transaction.
 * When that fails, this object is ahead of the store: throw it away and `open` a new one. When
 * `publishDelayMs` says so, `sign` in the same transaction and `show` after it.
 */
export class LogWriter {
  /** Tiles, roots and proofs over what was appended. */
  readonly tree: LogTree
  readonly #frontier: MerkleFrontier
  readonly #signer: LogSigner
  #published: PublishedCheckpoint
  #signed: PublishedCheckpoint
  #publishedAtMs = Number.NEGATIVE_INFINITY

  private constructor(reader: LogReader, signer: LogSigner) {
    const stored = new LogTree(reader)
    this.#frontier = MerkleFrontier.restore(reader.logSize(), (...name) => stored.tile(...name))
    this.tree = new LogTree(reader, this.#frontier)
    this.#signer = signer
    this.#published = this.#signCheckpoint()
    this.#signed = this.#published
  }

  /**
   * The writer behind what is stored: reads the right edge only. It publishes all that is stored at once, since more
   * than `checkpoint`, the last one stored, may have been shown before a crash. Throws `internal` when the stored log
   * does not begin with the tree of that checkpoint.
   */
  static open(reader: LogReader, signer: LogSigner, checkpoint: PublishedCheckpoint | null): LogWriter {
    const log = new LogWriter(reader, signer)
    if (checkpoint !== null) checkHistory(log, signer.origin, checkpoint)
    return log
  }

  /** Entries appended so far; the next entry's index. */
  get size(): number {
    return this.#frontier.size
  }

  /** The log's root over all entries appended so far, 32 bytes. */
  root(): Buffer {
    return bytesOf(this.#frontier.root())
  }

  /**
   * Appends entries (text or bytes, at most 65,535 bytes each) and gives what must be stored. Entry i gets the index
   * `block.firstIndex + i`. Throws `invalid_value`, before anything changed, when an entry is too long or there is none.
   */
  append(entries: readonly (string | Uint8Array)[]): LogCommit {
    const blob = Buffer.allocUnsafe(bundleBytes(entries))
    const leafHashes = Buffer.allocUnsafe(entries.length * HASH_BYTES)
    const firstIndex = this.#frontier.size
    let at = 0
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]!
      const start = at + 2
      if (typeof entry === 'string') at = start + blob.write(entry, start, 'utf8')
      else {
        blob.set(entry, start)
        at = start + entry.byteLength
      }
      const length = at - start
      blob[start - 2] = length >> 8
      // The byte before an entry serves as the leaf's 0x00 while it is hashed: that saves a copy of the entry.
      blob[start - 1] = 0
      const leaf = binaryHash(blob.subarray(start - 1, at))
      blob[start - 1] = length & 0xff
      leafHashes.write(leaf, i * HASH_BYTES, HASH_BYTES, 'latin1')
      this.#frontier.append(leaf)
    }
    return {
      block: { firstIndex, count: entries.length, entries: blob, leafHashes },
      tiles: this.#frontier.takeFullTiles(),
    }
  }

  /** The checkpoint to show. Nothing beyond its size is served. */
  get published(): PublishedCheckpoint {
    return this.#published
  }

  /** When that checkpoint was signed, epoch ms; null while it is the one that the start made. */
  get publishedAtMs(): number | null {
    return Number.isFinite(this.#publishedAtMs) ? this.#publishedAtMs : null
  }

  /** How long to wait before `sign`, ms: 0 at once, null when there is nothing new. */
  publishDelayMs(nowMs: number): number | null {
    if (this.#signed.size === this.#frontier.size) return null
    return Math.max(0, this.#publishedAtMs + PUBLISH_INTERVAL_MS - nowMs)
  }

  /**
   * Signs a checkpoint over everything appended; the one signed last when nothing is new. Store it in the transaction
   * of the newest entries that it covers, then `show` it: what a failed commit leaves behind is never shown. About 100
   * microseconds.
   */
  sign(nowMs: number): PublishedCheckpoint {
    if (this.#signed.size !== this.#frontier.size) {
      this.#signed = this.#signCheckpoint()
      this.#publishedAtMs = nowMs
    }
    return this.#signed
  }

  /** Shows a signed checkpoint, which is stored with all that it covers; a smaller one than the shown changes nothing. */
  show(checkpoint: PublishedCheckpoint): void {
    if (checkpoint.size >= this.#published.size) this.#published = checkpoint
  }

  #signCheckpoint(): PublishedCheckpoint {
    const size = this.#frontier.size
    const text = formatCheckpoint({ origin: this.#signer.origin, size, root: this.root() })
    return { size, text: formatNote({ text, signatures: [this.#signer.sign(text)] }) }
  }
}

/** Throws `internal` when the log is not a continuation of a checkpoint that anyone may have seen. */
function checkHistory(log: LogWriter, ourOrigin: string, published: PublishedCheckpoint): void {
  const refuse = (why: string): never => {
    throw new OpentabError('internal', why, {
      fix: 'The data folder is damaged, or older than what was published. `opentab restore` a backup: it opens a new log.',
    })
  }
  const { origin, size, root } = parseCheckpoint(parseNote(published.text).text)
  if (origin !== ourOrigin)
    refuse(`The stored checkpoint is of the log ${origin}, and this log is ${ourOrigin}.`)
  if (size > log.size)
    refuse(`The log holds ${log.size} entries, and a checkpoint over ${size} was published.`)
  const ours = log.tree.rootAt(size)
  if (!ours.equals(root)) {
    const theirs = Buffer.from(root).toString('hex')
    refuse(
      `The log’s first ${size} entries have the root ${ours.toString('hex')}, and ${theirs} was published.`,
    )
  }
}

function bundleBytes(entries: readonly (string | Uint8Array)[]): number {
  if (entries.length === 0) throw new OpentabError('invalid_value', 'A log commit needs at least one entry.')
  let total = 0
  for (const entry of entries) {
    const bytes = typeof entry === 'string' ? Buffer.byteLength(entry) : entry.byteLength
    if (bytes > MAX_ENTRY_BYTES) {
      throw new OpentabError(
        'invalid_value',
        `A log entry has ${bytes} bytes; at most ${MAX_ENTRY_BYTES} fit.`,
        {
          param: 'entry',
          fix: 'Shorten the entry.',
        },
      )
    }
    total += 2 + bytes
  }
  return total
}
