import type { Job } from '../jobs/jobRecords.ts'
import type { KnownTasks } from '../jobs/knownTasks.ts'
import type { Answer, AnswerChunk, AnswerRequest } from './answer.ts'

/** The answers of language models, as the rest of the relay sees them. */
export interface AnswerDesk {
  /**
   * Makes one answer of a job; see FlowContext.answer.
   * @param known what is there from before a restart
   */
  answer(
    job: Job,
    known: KnownTasks,
    choice: number,
    request: AnswerRequest,
    onChunk: ((chunk: AnswerChunk) => void) | null,
  ): Promise<Answer>
  /** Whether something of a model's answers is made or waits for its verdict. */
  isUnderWay(modelHash: string): boolean
  /** Bytes of stages' inputs that are kept in memory. */
  readonly keptBytes: number
  /** The served models are others: what is asked of one that is gone ends at once. */
  modelsChanged(isServed: (modelHash: string) => boolean): void
  /** A tab came, went, or can run other things than before. */
  tabsChanged(): void
  /** Fewer answers wait for their checks: new ones may begin. */
  checksCaughtUp(): void
}
