import type { StageTask } from '../../protocol/task.ts'
import type { Core } from '../core.ts'
import { addTask } from '../jobs/addTask.ts'
import type { AnswerPart } from '../jobs/answerPart.ts'
import { type Job, pinTo, type Task } from '../jobs/jobRecords.ts'
import { dropStep } from '../jobs/loseLease.ts'
import { StepLost } from '../jobs/stepLost.ts'
import type { Tab } from '../placement/tab.ts'

/** One step of a stage, on its way to the tab that holds its sequence. */
export interface StageStep {
  job: Job
  index: number
  tab: Tab
  spec: StageTask
  operations: number
  payer: string
  part: AnswerPart
  /** Verified, paid and on disk. */
  verified(): void
  /** Why it did not come to that: StepLost where another tab can do it. */
  lost(error: Error): void
}

/** Brings steps to their tabs and what comes out to the next. Today through the relay; tabs' own connections fit behind it. */
export interface StageTransport {
  /** @returns the function that takes the step back, where nothing has come of it */
  send(step: StageStep): () => void
}

/**
 * Every hop goes through the relay: a step is a task like any other, for one tab only.
 * @param hopMs delay before each hop, ms: for measurements of far tabs
 */
export function relayTransport(core: Core, hopMs: number): StageTransport {
  return {
    send(step) {
      let task: Task | null = null
      const give = (): void => {
        task = addTask(
          core,
          step.job,
          step.index,
          {
            spec: step.spec,
            operations: step.operations,
            requirement: pinTo(step.tab.id),
            payer: step.payer,
            // The answer holds the requester's money for all of its steps.
            reserved: 0,
            part: step.part,
          },
          step.verified,
          step.lost,
        )
      }
      if (hopMs <= 0) give()
      const callOff = hopMs > 0 ? core.clock.after(hopMs, give) : () => {}
      return () => {
        callOff()
        if (task?.state === 'queued' || task?.state === 'leased')
          dropStep(core, task, new StepLost('free', 'The step was taken back.'))
      }
    },
  }
}
