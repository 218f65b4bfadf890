import type { TaskSpec } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { Answer, AnswerChunk, AnswerRequest } from '../language/answer.ts'

/** What a job keeps over a restart of the relay, for a flow whose steps do not follow from its body alone. */
export interface FlowMemory {
  /** What the flow noted before the restart; null where it noted nothing, or there was none. */
  noted: string | null
  /** Keeps a text until the job has ended; a later one takes its place. */
  note(text: string): void
  /** Outputs of a step that were verified before the restart. */
  verified(index: number): Tensor[] | undefined
}

/** What a flow may do: ask for tasks and wait for their verified outputs. */
export interface FlowContext {
  /**
   * Runs one task of the job and gives its verified outputs. `index` names the step inside the job (0 up to
   * MAX_TASKS_PER_JOB - 1): a flow that is run again after a restart asks for the same steps and gets what was
   * verified before at once. Rejects when the task is dead or the job is cancelled.
   */
  task(index: number, spec: TaskSpec): Promise<Tensor[]>
  /**
   * Makes one answer of a language model, whole in one tab or over a ring of stages; `choice` numbers the job's answers
   * from 0. Resolves when all its work is verified and on disk. `onChunk` hears the tokens as they are made, each once and
   * before they are checked; null where nobody reads along: an answer that is found wrong is then made again, while one
   * that was read along ends with `task_failed`.
   * @throws OpentabError `no_tab_available`, `tab_lost`, `task_failed`, `insufficient_quota`, `cancelled`, and
   * `context_length_exceeded` or `invalid_value` for a prompt or options that no tab could take
   */
  answer(
    choice: number,
    request: AnswerRequest,
    onChunk: ((chunk: AnswerChunk) => void) | null,
  ): Promise<Answer>
  /** Absent for a job whose requester waits: it ends with the relay. */
  memory?: FlowMemory
  /** Counts bytes among those that open jobs hold in memory, until the job ends. */
  hold?(bytes: number): void
  /** Ledger account that pays the job; absent where there is no ledger. */
  requester?: string
  /** Tells whoever waits for this job how far it is; without effect for a background job. */
  emit(event: unknown): void
  /** Aborted when the job is cancelled. */
  signal: AbortSignal
  /** Whether it is work in the background, which may wait its turn however long; else it is refused where too much waits. */
  patient?: boolean
}

/**
 * How a job of several steps is worked off: a deterministic function from the request body to the answer's body,
 * which asks for tasks on the way. Same body, same steps: that is what makes it safe to run again after a restart.
 */
export type Flow<Body, Answer> = (body: Body, context: FlowContext) => Promise<Answer>
