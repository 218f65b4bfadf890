import { encodeReceipt, type Receipt } from '../../../protocol/receipt.ts'
import type { LogBlock } from '../../store/store.ts'
import type { LogReader, PublishedCheckpoint } from './logReader.ts'
import { LogSigner } from './logSigner.ts'
import { LogWriter } from './logWriter.ts'

/** A log over rows in memory, for tests: what a store keeps, and the writer over it. */
export class FixtureLog implements LogReader {
  readonly signer = new LogSigner('opentab-1f2e3d4c/log', Buffer.alloc(32, 7))
  readonly blocks: LogBlock[] = []
  readonly tiles = new Map<string, Uint8Array>()
  checkpoint: PublishedCheckpoint | null = null
  writer: LogWriter = this.reopen()

  /** A new writer behind the rows, as after a restart. */
  reopen(): LogWriter {
    this.writer = LogWriter.open(this, this.signer, this.checkpoint)
    return this.writer
  }

  /** One group commit. */
  append(...entries: (string | Uint8Array)[]): void {
    const { block, tiles } = this.writer.append(entries)
    this.blocks.push({ ...block, at: 0 })
    for (const { level, n, bytes } of tiles) this.tiles.set(`${level}/${n}`, bytes)
  }

  /** Publishes and stores the checkpoint. */
  publish(nowMs = 0): PublishedCheckpoint {
    this.checkpoint = this.writer.sign(nowMs)
    this.writer.show(this.checkpoint)
    return this.checkpoint
  }

  logSize(): number {
    const last = this.blocks.at(-1)
    return last === undefined ? 0 : last.firstIndex + last.count
  }

  logBlockAt(index: number): LogBlock | undefined {
    let low = 0
    let high = this.blocks.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.blocks[middle]!.firstIndex <= index) low = middle + 1
      else high = middle
    }
    const block = this.blocks[low - 1]
    return block !== undefined && index < block.firstIndex + block.count ? block : undefined
  }

  logTile(level: number, n: number): Uint8Array | undefined {
    return this.tiles.get(`${level}/${n}`)
  }
}

/** A receipt like those of a busy relay; its canonical form has about 550 bytes. */
export function fixtureReceipt(n: number, changes: Partial<Receipt> = {}): Receipt {
  return {
    v: 1,
    id: `r${String(n).padStart(15, '0')}`,
    relay: 'opentab-1f2e3d4c/log',
    task: `t${n}`,
    kind: 'kernel',
    subject: 'a1'.repeat(32),
    input: 'b2'.repeat(32),
    output: 'c3'.repeat(32),
    seed: n,
    deviceClass: 'nvidia-ampere-chrome140-subgroups32',
    lane: 'exact',
    verdict: 'freivalds',
    operations: 524_288,
    microCredits: '525',
    account: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
    previous: n === 0 ? null : `r${String(n - 1).padStart(15, '0')}`,
    ...changes,
  }
}

export const fixtureEntry = (n: number): string => encodeReceipt(fixtureReceipt(n))
