import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { LanguageModel } from '../../protocol/language.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { hiddenParts } from './answerTensors.ts'
import { type RowBudget, RowLog } from './rowLog.ts'

/** Inputs of stages that are kept in memory, of all answers together, bytes; what is more goes to disk. */
const MEMORY_BYTES = 256 * 1024 * 1024

/**
 * Keeps what went into the stages of answers under way, so that a lost stage's cache can be made again in another tab and
 * a step can be checked; for some minutes also those of answers that a follow-up may go on from. Nothing outlives the
 * relay: the folder is emptied at the start.
 */
export class SessionInputs implements RowBudget {
  readonly memoryBytes: number
  usedBytes = 0
  readonly #folder: string | null
  #files = 0

  /** @param folder for what does not fit in memory; null: memory only */
  constructor(folder: string | null, memoryBytes = MEMORY_BYTES) {
    this.#folder = folder
    this.memoryBytes = memoryBytes
    if (folder !== null) rmSync(folder, { recursive: true, force: true })
  }

  newFile(): string | null {
    return this.#folder === null ? null : join(this.#folder, String(++this.#files))
  }

  /** An empty log of one stage's inputs. */
  open(model: LanguageModel): HiddenLog {
    return new HiddenLog(this, model)
  }
}

/** Hidden states that went into one stage, row by row. */
export class HiddenLog {
  readonly #parts: ReturnType<typeof hiddenParts>
  readonly #log: RowLog

  constructor(budget: RowBudget, model: LanguageModel) {
    this.#parts = hiddenParts(model)
    this.#log = new RowLog(
      budget,
      this.#parts.reduce((sum, { rowBytes }) => sum + rowBytes, 0),
    )
  }

  get rows(): number {
    return this.#log.rows
  }

  /** Adds the rows of a stage's outputs (of the right form) that are not here yet; `position` is their first row. */
  append(outputs: readonly Tensor[], position: number): void {
    const parts = this.#parts.map(({ name, rowBytes }) => ({
      bytes: outputs.find((output) => output.name === name)!.bytes,
      rowBytes,
    }))
    const rows = parts[0]!.bytes.byteLength / parts[0]!.rowBytes
    const skip = this.rows - position
    if (skip >= 0 && skip < rows) this.#log.append(parts, skip, rows - skip)
  }

  /** Rows `from` to `to` - 1 as a task's inputs. */
  read(from: number, to: number): Tensor[] | Promise<Tensor[]> {
    const rows = this.#log.read(from, to)
    return rows instanceof Promise ? rows.then((bytes) => this.#tensors(bytes)) : this.#tensors(rows)
  }

  #tensors(bytes: Uint8Array<ArrayBuffer>): Tensor[] {
    const rowBytes = this.#parts.reduce((sum, part) => sum + part.rowBytes, 0)
    const rows = bytes.byteLength / rowBytes
    let column = 0
    return this.#parts.map((part) => {
      const tensor = { name: part.name, datatype: part.datatype, shape: [rows, part.columns] }
      if (this.#parts.length === 1) return { ...tensor, bytes }
      const own = new Uint8Array(rows * part.rowBytes)
      for (let row = 0; row < rows; row++) {
        const at = row * rowBytes + column
        own.set(bytes.subarray(at, at + part.rowBytes), row * part.rowBytes)
      }
      column += part.rowBytes
      return { ...tensor, bytes: own }
    })
  }

  /** As RowLog.canTruncate. */
  canTruncate(rows: number): boolean {
    return this.#log.canTruncate(rows)
  }

  /** As RowLog.truncate. */
  truncate(rows: number): void {
    this.#log.truncate(rows)
  }

  close(): Promise<void> {
    return this.#log.close()
  }
}
