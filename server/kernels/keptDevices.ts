import { z } from 'zod'
import type { Core } from '../core.ts'

/** Programs that are remembered, and runs of each, the latest: what is forgotten only speaks for no one. */
const MOST_PROGRAMS = 1000
const MOST_RUNS = 64
/** How long a run counts, ms: as long as a lost device. */
const RUN_KEPT_MS = 24 * 60 * 60_000

const KEY = 'kernel_kept'

const deviceRun = z.object({
  address: z.string(),
  deviceClass: z.string(),
  /** Epoch ms. */
  at: z.number(),
})
/** A tab ran a program to its end and kept its device. */
export type DeviceRun = z.infer<typeof deviceRun>

const known = new WeakMap<Core, Map<string, DeviceRun[]>>()

/** By the program, the one heard of longest ago first. */
function runsIn(core: Core): Map<string, DeviceRun[]> {
  const runs =
    known.get(core) ??
    new Map(
      z.array(z.tuple([z.string(), z.array(deviceRun)])).parse(JSON.parse(core.store.meta(KEY) ?? '[]')),
    )
  known.set(core, runs)
  return runs
}

/** Who kept his device with a program within a day. @param program its `programKey` */
export const keptOf = (core: Core, program: string): DeviceRun[] =>
  (runsIn(core).get(program) ?? []).filter(({ at }) => at > core.clock.now() - RUN_KEPT_MS)

/** Remembers that a tab kept its device; what one account says of a device class counts once. */
export function rememberKept(
  core: Core,
  program: string,
  { address, deviceClass }: Omit<DeviceRun, 'at'>,
): void {
  const runs = runsIn(core)
  const others = (runs.get(program) ?? []).filter(
    (run) => run.address !== address || run.deviceClass !== deviceClass,
  )
  runs.delete(program)
  runs.set(program, [...others, { address, deviceClass, at: core.clock.now() }].slice(-MOST_RUNS))
  if (runs.size > MOST_PROGRAMS) runs.delete(runs.keys().next().value!)
}

/** Keeps what is known of these programs over a restart: those that somebody lost a device with. */
export function storeKept(core: Core, programs: ReadonlySet<string>): void {
  const kept = [...runsIn(core)].filter(([program]) => programs.has(program))
  core.commit.batch.meta.push([KEY, JSON.stringify(kept)])
  core.commit.request()
}
