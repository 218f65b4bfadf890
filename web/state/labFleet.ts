import { batch, computed, effect, type ReadonlySignal, signal } from '@preact/signals'
import { fleetJobOf } from '../lab/fleetJob.ts'
import { type Said, saidBy } from '../lab/labWords.ts'
import type { LabSession } from '../lab/session.ts'
import type { FleetRow, KernelJobApi } from './kernelJobApi.ts'
import type { LabStore } from './labStore.ts'
import { RelayTrouble } from './relayApi.ts'

/** How often the job is looked at, ms. */
export const LOOK_EVERY_MS = 250
/** Longest wait for tabs and their results, ms. */
export const WAIT_MS = 120_000

/** Why there is no matrix: a sentence of the relay or of the lab, or one of these; `refused` with what the relay has against the kernel. */
export type FleetTrouble =
  | { kind: 'nobody' | 'stopped' }
  | { kind: 'words'; words: Said }
  | { kind: 'refused'; words: string }

/** The session on one tab of every connected device class. */
export interface LabFleet {
  running: ReadonlySignal<boolean>
  /** Whether the session can be a job: a job has one pass. */
  possible: ReadonlySignal<boolean>
  /** Lines of the last run; null before it. */
  rows: ReadonlySignal<readonly FleetRow[] | null>
  /** Whether the last run went with a reference; without one its tabs were compared with each other. */
  compared: ReadonlySignal<boolean>
  /** What was sent in it. */
  sent: ReadonlySignal<LabSession | null>
  trouble: ReadonlySignal<FleetTrouble | null>
  /** Whether the relay asked for an API key. */
  wantsKey: ReadonlySignal<boolean>
  apiKey: ReadonlySignal<string>
  setApiKey(key: string): void
  run(): Promise<void>
  /** Calls the job off. */
  stop(): void
}

/** @param pause settles after so many ms */
export function createLabFleet(
  lab: Pick<LabStore, 'session' | 'opened' | 'jobFile'>,
  api: KernelJobApi,
  pause: (ms: number) => Promise<void>,
): LabFleet {
  const running = signal(false)
  const rows = signal<readonly FleetRow[] | null>(null)
  const compared = signal(false)
  const trouble = signal<FleetTrouble | null>(null)
  const wantsKey = signal(false)
  const possible = computed(() => lab.session.value.passes.length === 1)
  const apiKey = signal('')
  const sent = signal<LabSession | null>(null)
  let stopped = false
  // Results of one kernel must not stand under another; a job that still runs is called off.
  effect(() => {
    lab.opened.value
    stopped = true
    batch(() => {
      rows.value = null
      trouble.value = null
    })
  })

  async function attempt(): Promise<void> {
    const { passes, programs } = lab.session.value
    const at = lab.opened.value
    sent.value = lab.session.value
    const job = fleetJobOf(await lab.jobFile(), programs[passes[0]!.program]!.text)
    compared.value = job.reference !== undefined
    const key = apiKey.value.trim()
    const id = await api.submit(job, key)
    for (let waitedMs = 0; ; waitedMs += LOOK_EVERY_MS) {
      const { state, error, result } = await api.look(id, key)
      if (state === 'done' && result !== null) {
        if (lab.opened.value === at) rows.value = result.matrix
        return
      }
      if (error !== null) {
        trouble.value = { kind: 'words', words: error.message }
        return
      }
      if (stopped || state === 'cancelled' || waitedMs >= WAIT_MS) {
        trouble.value = { kind: waitedMs >= WAIT_MS ? 'nobody' : 'stopped' }
        if (state !== 'cancelled') await api.cancel(id, key)
        return
      }
      await pause(LOOK_EVERY_MS)
    }
  }

  return {
    running,
    possible,
    rows,
    compared,
    sent,
    trouble,
    wantsKey,
    apiKey,
    setApiKey(key) {
      apiKey.value = key
    },
    async run() {
      if (running.value || !possible.value) return
      stopped = false
      batch(() => {
        running.value = true
        rows.value = null
        trouble.value = null
      })
      try {
        await attempt()
      } catch (error) {
        if (error instanceof RelayTrouble && error.status === 401) wantsKey.value = true
        trouble.value =
          error instanceof RelayTrouble && error.code === 'kernel_refused'
            ? { kind: 'refused', words: error.message }
            : { kind: 'words', words: saidBy(error) }
      } finally {
        running.value = false
      }
    },
    stop() {
      stopped = true
    },
  }
}
