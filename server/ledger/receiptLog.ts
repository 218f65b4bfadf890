import { createHash, hash } from 'node:crypto'
import { encodeReceipt, type Verdict } from '../../protocol/receipt.ts'
import { inputHeader, inputTensors, outputHeader } from '../../protocol/receiptCommitment.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { GroupCommit } from '../store/groupCommit.ts'
import type { LogWriter } from './log/logWriter.ts'

/** What the core knows of a verdict; the log adds its origin and the commitments. */
export interface VerdictFacts {
  id: string
  task: string
  spec: TaskSpec
  outputs: readonly Tensor[]
  deviceClass: string
  verdict: Verdict
  operations: number
  microCredits: string
  account: string
  previous: string | null
}

/** The kernels' lanes: integers are exact on every device. */
const exactKernels: ReadonlySet<string> = new Set(['matmul-i8'])

/** Below this, hashing one concatenation is quicker than feeding a hash piece by piece, bytes. */
const SMALL_BYTES = 4096

/** Writes receipts: each becomes an entry of the log in the transaction of its verdict. */
export class ReceiptLog {
  readonly writer: LogWriter
  readonly origin: string
  readonly #secret: string
  #pending: string[] = []

  /** @param secret hex; the relay's own, from which every receipt's salts are derived */
  constructor(writer: LogWriter, origin: string, secret: string, commit: GroupCommit) {
    this.writer = writer
    this.origin = origin
    this.#secret = secret
    commit.beforeCommit((batch) => {
      if (this.#pending.length === 0) return
      const { block, tiles } = writer.append(this.#pending)
      this.#pending = []
      batch.logBlocks.push(block)
      batch.logTiles.push(...tiles)
    })
  }

  /** Entries so far, those of this turn included. */
  get size(): number {
    return this.writer.size + this.#pending.length
  }

  /** The salts of a receipt's input and output, 64 hex digits each: SHA-512(secret, id) cut in two. */
  saltsOf(receiptId: string): { inputSalt: string; outputSalt: string } {
    const both = hash('sha512', `${this.#secret}/${receiptId}`, 'hex')
    return { inputSalt: both.slice(0, 64), outputSalt: both.slice(64) }
  }

  /** Enters a verdict; its entry is written with this turn's commit. */
  append(facts: VerdictFacts): { index: number; inputSalt: string; outputSalt: string } {
    const { spec } = facts
    const salts = this.saltsOf(facts.id)
    const index = this.size
    this.#pending.push(
      encodeReceipt({
        v: 1,
        id: facts.id,
        relay: this.origin,
        task: facts.task,
        kind: spec.kind,
        subject: spec.kind === 'kernel' ? spec.subject : spec.model,
        input: commit(salts.inputSalt, inputHeader(spec), inputTensors(spec)),
        output: commit(salts.outputSalt, outputHeader(facts.outputs), facts.outputs),
        seed: spec.kind === 'kernel' ? spec.seed : null,
        deviceClass: facts.deviceClass,
        lane: spec.kind === 'kernel' && exactKernels.has(spec.kernel) ? 'exact' : 'float',
        verdict: facts.verdict,
        operations: facts.operations,
        microCredits: facts.microCredits,
        account: facts.account,
        previous: facts.previous,
      }),
    )
    return { index, ...salts }
  }
}

const scratch = Buffer.allocUnsafe(32 + SMALL_BYTES)

/** SHA-256(salt || header || 0x0A || tensor bytes), hex: protocol/receiptCommitment.ts. */
function commit(saltHex: string, header: string, tensors: readonly Tensor[]): string {
  let bytes = 33 + header.length * 3
  for (const tensor of tensors) bytes += tensor.bytes.byteLength
  if (bytes <= SMALL_BYTES) {
    scratch.write(saltHex, 0, 'hex')
    let at = 32 + scratch.write(header, 32, 'utf8')
    scratch[at++] = 10
    for (const tensor of tensors) {
      scratch.set(tensor.bytes, at)
      at += tensor.bytes.byteLength
    }
    return hash('sha256', scratch.subarray(0, at), 'hex')
  }
  const sum = createHash('sha256').update(saltHex, 'hex').update(header).update('\n')
  for (const tensor of tensors) sum.update(tensor.bytes)
  return sum.digest('hex')
}
