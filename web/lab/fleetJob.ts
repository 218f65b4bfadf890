import type { JobFile } from './jobFile.ts'

/** Timed runs of each tab. */
const TIMED_RUNS = 5

/** Body of `POST /v1/jobs`: the job of a session, with its reference where it has one, on one tab of every connected device class. */
export const fleetJobOf = ({ programFile: _, lab: __, ...job }: JobFile, program: string) => ({
  ...job,
  program,
  repeat: TIMED_RUNS,
  spread: { perClass: 1 },
})

export type FleetJob = ReturnType<typeof fleetJobOf>
