/** States of a task and of a job, and the moves between them: docs/state-machine.md is generated from these tables. */

export const taskStates = [
  'queued',
  'leased',
  'returned',
  'disputed',
  'verified',
  'dead',
  'cancelled',
] as const
export type TaskState = (typeof taskStates)[number]

/** Every allowed move of a task with the event that makes it. */
export const taskMoves: readonly { from: TaskState; event: string; to: TaskState }[] = [
  { from: 'queued', event: 'a tab is chosen: generation g + 1', to: 'leased' },
  { from: 'leased', event: 'result with the current generation', to: 'returned' },
  { from: 'leased', event: 'deadline passed, tab vanished, handed back, error reported', to: 'queued' },
  { from: 'leased', event: 'attempts used up', to: 'dead' },
  { from: 'leased', event: 'the one tab that can do it is lost', to: 'dead' },
  { from: 'queued', event: 'the one tab that can do it is lost', to: 'dead' },
  { from: 'returned', event: 'checked and right, or not drawn', to: 'verified' },
  { from: 'returned', event: 'checked and wrong: rejected', to: 'queued' },
  { from: 'returned', event: 'checked and wrong, attempts used up', to: 'dead' },
  { from: 'returned', event: "an answer's, checked and wrong after the end of its job", to: 'dead' },
  { from: 'returned', event: 'replicas disagree', to: 'disputed' },
  { from: 'disputed', event: 'the referee finds it right', to: 'verified' },
  { from: 'disputed', event: 'the referee finds it wrong', to: 'queued' },
  { from: 'queued', event: 'the job is cancelled', to: 'cancelled' },
  { from: 'leased', event: 'the job is cancelled', to: 'cancelled' },
  { from: 'returned', event: "the job is cancelled, and it is no answer's result", to: 'cancelled' },
]

export const jobStates = ['queued', 'running', 'verifying', 'done', 'failed', 'cancelled'] as const
export type JobState = (typeof jobStates)[number]

/** How a job's state follows from its tasks. */
export const jobStateRules: readonly { state: JobState; when: string }[] = [
  { state: 'queued', when: 'no task has been leased yet' },
  { state: 'running', when: 'a task is leased, or some are done and others are not' },
  { state: 'verifying', when: 'every task has returned and one is still being checked' },
  { state: 'done', when: 'every task is verified' },
  { state: 'failed', when: 'a task is dead, or the answer could not be made from the results' },
  { state: 'cancelled', when: 'the requester left or deleted the job' },
]
