import { optionsOf } from '../../protocol/generation.ts'
import type { GenerateTask, StageTask, TaskSpec } from '../../protocol/task.ts'
import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { compareOutputs, type Tolerance } from '../kernels/compareOutputs.ts'
import { besideReplicas } from '../kernels/replicas.ts'
import { fakeAnswer, fakeStep } from '../language/fakeLanguage.ts'
import type { ServedLanguageModel } from '../placement/assignModels.ts'
import { checkAnswerForm, checkStageForm } from './checkAnswerForm.ts'
import type { Checker, CheckOutcome, StepHistory } from './checker.ts'
import type { OutputComparer } from './outputComparer.ts'

/** What the stub checker takes for the right result of a task. */
export const rightOutputs = (spec: TaskSpec): Tensor[] => [
  tensorOf('c', 'INT32', [1, 1], Int32Array.of(spec.kind === 'kernel' ? (spec.seed ?? 0) + 1 : 1)),
]
export const wrongOutputs = (): Tensor[] => [tensorOf('c', 'INT32', [1, 1], Int32Array.of(-1))]

/** A checker without arithmetic: right is what `rightOutputs` makes. */
export class StubChecker implements Checker {
  always = true
  /** Set to let checks take until the promise settles. */
  wait: Promise<void> | null = null
  /** Set to make checks fail by themselves. */
  broken: Error | null = null
  checked = 0
  /** Steps and answers that were checked, in order. */
  readonly checkedParts: (GenerateTask | StageTask)[] = []
  /** The fake model whose answers it knows. */
  language: ServedLanguageModel | null = null

  checkForm(spec: TaskSpec, outputs: readonly Tensor[]): string | null {
    if (spec.kind === 'generate') return checkAnswerForm(this.language!.manifest.language, spec, outputs)
    if (spec.kind === 'stage') return checkStageForm(this.language!.manifest.language, spec, outputs)
    if (spec.kind === 'custom') return null
    return outputs.length === 1 ? null : `The task has 1 outputs (c) and ${outputs.length} came.`
  }

  alwaysChecked(): boolean {
    return this.always
  }

  check(
    spec: TaskSpec,
    outputs: readonly Tensor[],
    history?: StepHistory,
    signal?: AbortSignal,
  ): Promise<CheckOutcome> | CheckOutcome {
    this.checked++
    if (spec.kind === 'custom') return besideReplicas(spec, outputs, signal)
    if (spec.kind === 'generate' || spec.kind === 'stage') {
      this.checkedParts.push(spec)
      return this.#checkPart(spec, outputs, history)
    }
    const judge = (): CheckOutcome => {
      if (this.broken) throw this.broken
      const right = Buffer.from(rightOutputs(spec)[0]!.bytes).equals(outputs[0]!.bytes)
      if (right) return { ok: true, verdict: spec.kind === 'kernel' ? 'freivalds' : 'recomputed' }
      return { ok: false, reason: 'c[0,0] is wrong.' }
    }
    return this.wait === null ? judge() : this.wait.then(judge)
  }

  async #checkPart(
    spec: GenerateTask | StageTask,
    outputs: readonly Tensor[],
    history: StepHistory | undefined,
  ): Promise<CheckOutcome> {
    await this.wait
    if (this.broken) throw this.broken
    const model = this.language!
    if (spec.kind === 'stage') {
      const right = fakeStep(model, spec, await history!())
      if (same(right, outputs)) return { ok: true, verdict: 'recomputed' }
      return { ok: false, reason: 'The step is wrong.' }
    }
    const prompt = [...(elementsOf(spec.inputs[0]!) as Int32Array)]
    const { ids } = fakeAnswer(model, prompt, optionsOf(spec.inputs))
    const made = [...(elementsOf(outputs[0]!) as Int32Array)]
    const given = spec.inputs[2]!.shape[0]!
    const place = made.findIndex((id, at) => at >= given && id !== ids[at])
    if (place >= 0) return { ok: false, reason: 'A token is wrong.', place }
    // Without its end an answer was broken off.
    const isWhole = outputs.some(({ name }) => name === 'finish')
    if (!isWhole || made.length === ids.length) return { ok: true, verdict: 'text-scored' }
    return { ok: false, reason: 'A token is wrong.', place: made.length }
  }

  comparerOf(sets: readonly (readonly Tensor[])[], tolerance: Tolerance): OutputComparer {
    return (output, reference) => compareOutputs(sets[output]!, sets[reference]!, tolerance)
  }

  async close(): Promise<void> {}
}

const same = (a: readonly Tensor[], b: readonly Tensor[]): boolean =>
  a.length === b.length && a.every((tensor, i) => Buffer.from(tensor.bytes).equals(b[i]!.bytes))
