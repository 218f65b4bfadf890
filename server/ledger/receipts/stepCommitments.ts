import {
  inputHeader,
  outputHeader,
  stepsInputHeader,
  stepsOutputHeader,
} from '../../../protocol/receiptCommitment.ts'
import type { StageTask } from '../../../protocol/task.ts'
import type { Tensor } from '../../../protocol/tensor.ts'
import { commitment, type ReceiptSalts } from './commitment.ts'

/** The commitments of a receipt for steps of a run of stages: 64 bytes are kept of each step, whatever its size. */
export class StepCommitments {
  readonly #salts: ReceiptSalts
  #first: StageTask | null = null
  readonly #inputs: Uint8Array[] = []
  readonly #outputs: Uint8Array[] = []

  constructor(salts: ReceiptSalts) {
    this.#salts = salts
  }

  /** Adds a step; they come in the order of their positions. */
  add(spec: StageTask, outputs: readonly Tensor[]): void {
    const { inputSalt, outputSalt } = this.#salts
    this.#first ??= { ...spec, inputs: [] }
    this.#inputs.push(Buffer.from(commitment(inputSalt, inputHeader(spec), spec.inputs), 'hex'))
    this.#outputs.push(Buffer.from(commitment(outputSalt, outputHeader(outputs), outputs), 'hex'))
  }

  get steps(): number {
    return this.#inputs.length
  }

  /** The receipt's `input` and `output` over all steps so far, hex. There must be one. */
  get sums(): { input: string; output: string } {
    const { inputSalt, outputSalt } = this.#salts
    const over = (salt: string, header: string, all: readonly Uint8Array[]): string =>
      commitment(
        salt,
        header,
        all.map((bytes) => ({ bytes: new Uint8Array(bytes) })),
      )
    return {
      input: over(inputSalt, stepsInputHeader(this.#first!, this.steps), this.#inputs),
      output: over(outputSalt, stepsOutputHeader(this.steps), this.#outputs),
    }
  }
}
