import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { OpentabError } from '../../protocol/errors.ts'

/** Rows are kept in blocks of about this many bytes. */
const BLOCK_BYTES = 64 * 1024

/** The bytes that logs of rows hold in memory together, and where they go beyond that. */
export interface RowBudget {
  /** Bytes in memory above which full blocks go to disk. */
  readonly memoryBytes: number
  /** Bytes in memory now; logs change it. */
  usedBytes: number
  /** A file for one more log; null where nothing is put on disk. */
  newFile(): string | null
}

/**
 * Rows of one width, in the order in which they came: in memory while the budget lasts, else in a file of its own. The
 * last, unfilled block is always in memory.
 */
export class RowLog {
  readonly #budget: RowBudget
  readonly #rowBytes: number
  readonly #blockRows: number
  /** Null: on disk, at its number times the block's bytes. */
  readonly #blocks: (Uint8Array | null)[] = []
  #rows = 0
  #file: string | null = null
  #handle: FileHandle | null = null
  #spilling: Promise<void> = Promise.resolve()
  #closed = false
  /** How often it was cut back: what is being written meanwhile stays in memory. */
  #truncations = 0

  /** @param rowBytes bytes of one row, its parts one after the other */
  constructor(budget: RowBudget, rowBytes: number) {
    this.#budget = budget
    this.#rowBytes = rowBytes
    this.#blockRows = Math.max(1, Math.floor(BLOCK_BYTES / rowBytes))
  }

  get rows(): number {
    return this.#rows
  }

  /**
   * Adds rows. `parts` are matrices of as many rows each, whose columns make up a row one after the other.
   * @param from first row of `parts` to take
   */
  append(parts: readonly { bytes: Uint8Array; rowBytes: number }[], from: number, count: number): void {
    if (this.#closed) return
    for (let row = from; row < from + count; row++) {
      const at = this.#rows % this.#blockRows
      if (at === 0) {
        this.#blocks.push(new Uint8Array(this.#blockRows * this.#rowBytes))
        this.#budget.usedBytes += this.#blockRows * this.#rowBytes
      }
      const block = this.#blocks.at(-1)!
      let offset = at * this.#rowBytes
      for (const { bytes, rowBytes } of parts) {
        block.set(bytes.subarray(row * rowBytes, (row + 1) * rowBytes), offset)
        offset += rowBytes
      }
      this.#rows++
    }
    if (this.#budget.usedBytes > this.#budget.memoryBytes) this.#spill()
  }

  /**
   * Rows `from` to `to` - 1, one after the other; at once where they are in memory.
   * @throws OpentabError `check_unavailable` for rows that are not there, or not any more: nobody may be judged by them
   */
  read(from: number, to: number): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>> {
    if (this.#closed || to > this.#rows) {
      throw new OpentabError(
        'check_unavailable',
        this.#closed
          ? 'What a sequence was made of is not kept after its end.'
          : `Rows up to ${to} were asked for, and ${this.#rows} are kept.`,
      )
    }
    const first = Math.floor(from / this.#blockRows)
    const last = Math.floor((to - 1) / this.#blockRows)
    const blocks = this.#blocks.slice(first, last + 1)
    const join = (all: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
      const rows = new Uint8Array((to - from) * this.#rowBytes)
      for (const [i, block] of all.entries()) {
        const start = (first + i) * this.#blockRows
        const begin = Math.max(from, start)
        const end = Math.min(to, start + this.#blockRows)
        rows.set(
          block.subarray((begin - start) * this.#rowBytes, (end - start) * this.#rowBytes),
          (begin - from) * this.#rowBytes,
        )
      }
      return rows
    }
    if (blocks.every((block) => block !== null)) return join(blocks)
    return Promise.all(blocks.map((block, i) => block ?? this.#load(first + i))).then(join)
  }

  async #load(number: number): Promise<Uint8Array> {
    const block = new Uint8Array(this.#blockRows * this.#rowBytes)
    let at = 0
    while (at < block.byteLength) {
      const { bytesRead } = await this.#handle!.read(
        block,
        at,
        block.byteLength - at,
        number * block.byteLength + at,
      )
      if (bytesRead === 0) throw new Error(`${this.#file} ends at block ${number}`)
      at += bytesRead
    }
    return block
  }

  /** Puts every full block on disk, one write after the other. A disk that refuses leaves them in memory. */
  #spill(): void {
    this.#spilling = this.#spilling
      .then(async () => {
        const full = Math.floor(this.#rows / this.#blockRows)
        for (let number = 0; number < full && !this.#closed; number++) {
          const block = this.#blocks[number]
          if (!block) continue
          const truncations = this.#truncations
          const isOther = (): boolean => this.#closed || truncations !== this.#truncations
          if (this.#handle === null) {
            this.#file = this.#budget.newFile()
            if (this.#file === null) return
            await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 })
            this.#handle = await open(this.#file, 'wx+', 0o600)
            if (isOther()) return
          }
          await writeWhole(this.#handle, block, number * block.byteLength)
          if (isOther()) return
          this.#blocks[number] = null
          this.#budget.usedBytes -= block.byteLength
        }
      })
      .catch(() => {})
  }

  /** Whether the log can be cut back to so many rows: the block they end in must be in memory. */
  canTruncate(rows: number): boolean {
    if (this.#closed || rows > this.#rows) return false
    return rows % this.#blockRows === 0 || this.#blocks[Math.floor(rows / this.#blockRows)] !== null
  }

  /** Forgets the rows from `rows` on; only where it can. */
  truncate(rows: number): void {
    if (!this.canTruncate(rows)) return
    const kept = Math.ceil(rows / this.#blockRows)
    for (const block of this.#blocks.splice(kept)) if (block) this.#budget.usedBytes -= block.byteLength
    this.#rows = rows
    this.#truncations++
  }

  /** Resolves when what was over the budget is on disk. */
  written(): Promise<void> {
    return this.#spilling
  }

  /** Forgets everything, the file included. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const block of this.#blocks) if (block) this.#budget.usedBytes -= block.byteLength
    this.#blocks.length = 0
    this.#rows = 0
    await this.#spilling
    if (this.#handle === null) return
    await this.#handle.close()
    await rm(this.#file!, { force: true })
  }
}

/** Writes all of a block at a place of the file: a write may take less than it is given. */
async function writeWhole(handle: FileHandle, block: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < block.byteLength; ) {
    const { bytesWritten } = await handle.write(block, at, block.byteLength - at, position + at)
    if (bytesWritten === 0) throw new Error(`the disk took nothing at ${position + at}`)
    at += bytesWritten
  }
}
