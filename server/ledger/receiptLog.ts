import { hash } from 'node:crypto'
import { encodeReceipt, type Verdict } from '../../protocol/receipt.ts'
import { inputHeader, inputTensors, outputHeader } from '../../protocol/receiptCommitment.ts'
import type { TaskSpec } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { GroupCommit } from '../store/groupCommit.ts'
import type { LogWriter } from './log/logWriter.ts'
import { commitment, type ReceiptSalts, receiptSalts } from './receipts/commitment.ts'
import { StepCommitments } from './receipts/stepCommitments.ts'

/** What the core knows of a verdict; the log adds its origin and the commitments. */
export interface VerdictFacts {
  id: string
  task: string
  spec: TaskSpec
  outputs: readonly Tensor[]
  /** The receipt's `input` and `output`, where they are over more than this one task's tensors. */
  commitments?: { input: string; output: string }
  deviceClass: string
  verdict: Verdict
  operations: number
  microCredits: string
  account: string
  previous: string | null
  /** `saltKeyOf` the job. */
  saltKey: string
}

/** The kernels' lanes: integers are exact on every device. */
const exactKernels: ReadonlySet<string> = new Set(['matmul-i8'])

/** Writes receipts: each becomes an entry of the log in the transaction of its verdict. */
export class ReceiptLog {
  readonly writer: LogWriter
  readonly origin: string
  readonly #saltSecret: string
  readonly #commit: GroupCommit
  #pending: string[] = []

  constructor(writer: LogWriter, origin: string, saltSecret: string, commit: GroupCommit, now: () => number) {
    this.writer = writer
    this.origin = origin
    this.#saltSecret = saltSecret
    this.#commit = commit
    commit.beforeCommit('entries', (batch) => {
      if (this.#pending.length === 0) return
      const { block, tiles } = writer.append(this.#pending)
      this.#pending = []
      batch.logBlocks.push({ ...block, at: now() })
      batch.logTiles.push(...tiles)
    })
  }

  /** Entries so far, those of this turn included. */
  get size(): number {
    return this.writer.size + this.#pending.length
  }

  /**
   * The key from which the salts of a job's receipts come, 64 hex digits: SHA-256(secret + '/job/' + seq). Its requester
   * gets it; each tab gets the salts of its own receipts only.
   */
  saltKeyOf(jobSeq: number): string {
    return hash('sha256', `${this.#saltSecret}/job/${jobSeq}`, 'hex')
  }

  /** Enters a line that is no receipt: after a restore, the name of the log that went before. */
  appendNote(json: string): void {
    this.#pending.push(json)
    this.#commit.request()
  }

  /** Enters a verdict; its entry is written with this turn's commit. */
  append(facts: VerdictFacts): { index: number; inputSalt: string; outputSalt: string } {
    const { spec } = facts
    const salts = receiptSalts(facts.saltKey, facts.id)
    const { input, output } = facts.commitments ?? commitmentsOf(salts, spec, facts.outputs)
    const index = this.size
    this.#pending.push(
      encodeReceipt({
        v: 1,
        id: facts.id,
        relay: this.origin,
        task: facts.task,
        kind: spec.kind,
        subject: spec.kind === 'kernel' || spec.kind === 'custom' ? spec.subject : spec.model,
        input,
        output,
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

function commitmentsOf(
  salts: ReceiptSalts,
  spec: TaskSpec,
  outputs: readonly Tensor[],
): { input: string; output: string } {
  if (spec.kind === 'stage') {
    const steps = new StepCommitments(salts)
    steps.add(spec, outputs)
    return steps.sums
  }
  return {
    input: commitment(salts.inputSalt, inputHeader(spec), inputTensors(spec)),
    output: commitment(salts.outputSalt, outputHeader(outputs), outputs),
  }
}
