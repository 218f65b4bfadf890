import type { GenerateTask, Lease, StageTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { Core } from '../core.ts'
import { madeTokens } from '../language/answerTensors.ts'
import { FakeRunner } from '../language/fakeLanguage.ts'
import type { ServedLanguageModel } from './assignModels.ts'
import { FakeTab, type FakeTabOptions, resultOf } from './fakeTab.ts'

/** A tab without a socket that holds a run of a fake language model's stages, and does what it is told, when it is told. */
export class LanguageTab extends FakeTab {
  readonly runner: FakeRunner

  /** @param run first and last stage; the whole model unless given */
  constructor(
    core: Core,
    model: ServedLanguageModel,
    run: [number, number] = [0, model.manifest.language.stages.length - 1],
    options: FakeTabOptions = {},
  ) {
    super(core, {
      kernels: [],
      ranges: [[model.hash, ...run]],
      memoryBytes: 1e9,
      storageBytes: 1e9,
      ...options,
    })
    this.runner = new FakeRunner(model)
  }

  /** Streams tokens of an answer that it makes: those after what is given, `count` of them. */
  stream(lease: Lease = this.hand[0]!, from?: number, count = 1): void {
    const { ids, logprobs } = madeTokens(this.runner.generate(lease.spec as GenerateTask))
    const given = lease.spec.inputs[2]!.shape[0]!
    const start = from ?? given
    this.say({
      type: 'tokens',
      task: lease.task,
      generation: lease.generation,
      from: start,
      ids: ids.slice(start, start + count),
      ...(logprobs && { logprobs: logprobs.slice(start, start + count) as [number, [number, number][]][] }),
    })
  }

  /** Does one lease rightly: gives the whole answer, or the step's outputs, or says that it holds no cache. */
  work(lease: Lease = this.hand[0]!, bend: (outputs: Tensor[]) => Tensor[] = (outputs) => outputs): void {
    this.hand = this.hand.filter((other) => other !== lease)
    const { task, generation, spec } = lease
    const outputs =
      spec.kind === 'generate' ? this.runner.generate(spec) : this.runner.stage(spec as StageTask)
    if (outputs === 'cache_missing') {
      this.say({
        type: 'failed',
        task,
        generation,
        code: 'cache_missing',
        message: 'There is no such cache.',
      })
    } else this.results(resultOf(lease, bend(outputs)))
  }
}
