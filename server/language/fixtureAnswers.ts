import { type FixtureAnswers, FixtureCore, type FixtureOptions } from '../fixtureCore.ts'
import type { Job } from '../jobs/jobRecords.ts'
import type { JobRequest } from '../jobs/submitJob.ts'
import type { ServedLanguageModel } from '../placement/assignModels.ts'
import type { FakeTabOptions } from '../placement/fakeTab.ts'
import { LanguageTab } from '../placement/languageTab.ts'
import type { Answer, AnswerChunk, AnswerRequest } from './answer.ts'
import { type FakeModelSizes, fakeModel, fakeOptions } from './fakeLanguage.ts'

/** What a requester who reads along heard. */
export type HeardChunk = AnswerChunk & { choice: number }

/** A core that serves one fake language model, its tabs, and what a requester heard: for tests. */
export class AnswersFixture {
  readonly fixture: FixtureCore
  readonly model: ServedLanguageModel
  readonly tabs: LanguageTab[] = []
  readonly heard: HeardChunk[] = []

  constructor(sizes: FakeModelSizes = {}, options: FixtureOptions = {}) {
    this.fixture = new FixtureCore(options)
    this.model = fakeModel(sizes)
    this.fixture.checker.language = this.model
  }

  get core() {
    return this.fixture.core
  }

  /** A tab with a run of stages; the whole model unless given. */
  tab(run?: [number, number], options: FakeTabOptions = {}): LanguageTab {
    const tab = new LanguageTab(this.core, this.model, run, options)
    this.tabs.push(tab)
    this.fixture.flush()
    return tab
  }

  request(maxTokens: number, prompt: readonly number[] = [7, 8, 9], changes = {}): AnswerRequest {
    return { model: this.model, prompt, options: fakeOptions(maxTokens, changes) }
  }

  /** Asks for answers, all in one job. */
  ask(
    answers: AnswerRequest | AnswerRequest[],
    {
      readAlong = true,
      ...request
    }: Partial<Omit<JobRequest, 'body' | 'kind'>> & { readAlong?: boolean } = {},
  ): Promise<Job> {
    const body: FixtureAnswers = { answers: [answers].flat(), readAlong }
    return this.fixture.submit(body, {
      kind: 'answers',
      mode: 'sync',
      onEvent: (event) => this.heard.push(event as HeardChunk),
      ...request,
    })
  }

  /** The first tab says for its lease in hand: one token after the first, unless told otherwise. */
  sayTokens({
    from = 1,
    ids = [5],
    logprobs,
  }: {
    from?: number
    ids?: number[]
    logprobs?: [number, [number, number][]][]
  }): void {
    const tab = this.tabs[0]!
    const { task, generation } = tab.hand[0]!
    tab.say({ type: 'tokens', task, generation, from, ids, ...(logprobs && { logprobs }) })
  }

  /**
   * Lets all tabs work until nothing is left in hand. `before` is called before each lease is done: `leave` leaves it in
   * hand, `done` says that something was done with it.
   */
  async work(before: (tab: LanguageTab) => 'leave' | 'done' | undefined = () => undefined): Promise<void> {
    for (let busy = true; busy; ) {
      await this.fixture.settle()
      busy = false
      for (const tab of this.tabs) {
        if (tab.hand.length === 0) continue
        const what = before(tab)
        if (what === 'leave') continue
        if (what === undefined) tab.work()
        busy = true
      }
    }
  }

  /** The answers of a job that is done. */
  answersOf(job: Job): Answer[] {
    return (job.answer as { answers: Answer[] }).answers
  }

  /** Tokens of an answer as they were heard, each once and in order, else it throws. */
  heardIds(choice = 0): number[] {
    const ids: number[] = []
    for (const chunk of this.heard) {
      if (chunk.choice !== choice) continue
      if (chunk.from !== ids.length) throw new Error(`a chunk from ${chunk.from} after ${ids.length} tokens`)
      ids.push(...chunk.ids)
    }
    return ids
  }
}
