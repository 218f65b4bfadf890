import type { GenerateTask, Lease, StageTask } from '../protocol/task.ts'
import { madeTokens } from '../server/language/answerTensors.ts'
import { FakeRunner } from '../server/language/fakeLanguage.ts'
import type { ServedLanguageModel } from '../server/placement/assignModels.ts'
import { SimulatedTab, type SimulatedTabOptions } from './simulatedTab.ts'

export interface SimulatedLanguageTabOptions extends Omit<SimulatedTabOptions, 'work' | 'ranges'> {
  /** The fake model that the relay serves. */
  model: ServedLanguageModel
  /** How long a stage, or a token of a whole answer, takes, ms; at once unless given. */
  stageMs?: number
  /** Called before each lease is worked off. */
  onLease?: (lease: Lease) => void
}

/** A tab without a browser that holds what the relay asks it to hold of a fake language model, and runs it as a tab does. */
export class SimulatedLanguageTab extends SimulatedTab {
  readonly runner: FakeRunner
  /** Run of stages that the relay asked for last; null before. */
  run: [number, number] | null = null
  /** Leases that the relay took back: `task,generation`. */
  readonly cancelled = new Set<string>()
  /** Leases are worked off one after the other, answers beside them. */
  #line: Promise<void> = Promise.resolve()

  constructor(options: SimulatedLanguageTabOptions) {
    super({
      memoryBytes: 1e9,
      kernels: [],
      slots: 8,
      ...options,
      work: (leases) => {
        for (const lease of leases) this.#take(lease, options)
      },
      onMessage: (message) => {
        if (message.type === 'models') this.#hold(options.model, message.ranges ?? [])
        if (message.type === 'cancel') for (const lease of message.leases) this.cancelled.add(String(lease))
        options.onMessage?.(message)
      },
    })
    this.runner = new FakeRunner(options.model)
  }

  #hold({ hash }: ServedLanguageModel, ranges: readonly (readonly [string, number, number])[]): void {
    const wanted = ranges.find(([model]) => model === hash)
    this.run = wanted ? [wanted[1], wanted[2]] : null
    this.send({ type: 'ready', models: [], ranges: wanted ? [[...wanted]] : [] })
  }

  #take(lease: Lease, { stageMs = 0, onLease }: SimulatedLanguageTabOptions): void {
    onLease?.(lease)
    const { spec } = lease
    if (spec.kind === 'generate') void this.#generate(lease, spec, stageMs)
    else if (spec.kind === 'stage')
      this.#line = this.#line.then(async () => {
        if (stageMs > 0) await pause(stageMs)
        this.#step(lease, spec)
      })
  }

  #step({ task, generation }: Lease, spec: StageTask): void {
    if (this.cancelled.has(`${task},${generation}`)) return
    const outputs = this.runner.stage(spec)
    if (outputs === 'cache_missing')
      this.send({
        type: 'failed',
        task,
        generation,
        code: 'cache_missing',
        message: 'There is no such cache.',
      })
    else this.sendResults([{ task, generation, computeMicros: 1, outputs }])
  }

  async #generate({ task, generation }: Lease, spec: GenerateTask, tokenMs: number): Promise<void> {
    const outputs = this.runner.generate(spec)
    const { ids, logprobs } = madeTokens(outputs)
    for (let from = spec.inputs[2]!.shape[0]!; from < ids.length; from++) {
      await pause(tokenMs)
      if (this.cancelled.has(`${task},${generation}`)) return
      const own = logprobs?.slice(from, from + 1) as [number, [number, number][]][] | undefined
      const chunk = { from, ids: ids.slice(from, from + 1), ...(own && { logprobs: own }) }
      this.send({ type: 'tokens', task, generation, ...chunk })
    }
    this.sendResults([{ task, generation, computeMicros: 1, outputs }])
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
