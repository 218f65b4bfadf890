import { OpentabError } from '../../protocol/errors.ts'
import type { Core } from '../core.ts'

/** Devices that a program may make tabs lose before it is never run again. */
export const MOST_LOSSES = 2

const key = (program: string): string => `kernel_losses:${program}`

/** Losses that are not on disk yet. */
const counted = new WeakMap<Core, Map<string, number>>()

const lossesOf = (core: Core, program: string): number =>
  counted.get(core)?.get(program) ?? Number(core.store.meta(key(program)) ?? 0)

/** @param program SHA-256 of the program @throws OpentabError `kernel_refused` when it has cost two devices */
export function refuseQuarantined(core: Core, program: string): void {
  const losses = lossesOf(core, program)
  if (losses < MOST_LOSSES) return
  throw new OpentabError('kernel_refused', `This program made ${losses} tabs lose their GPU device.`, {
    param: 'program',
    fix: 'It is not run any more on this relay; a program with another text is another one.',
  })
}

/** Remembers, for good, that a tab lost its device with this program. */
export function countDeviceLoss(core: Core, program: string): void {
  const losses = lossesOf(core, program) + 1
  let map = counted.get(core)
  if (!map) {
    map = new Map()
    counted.set(core, map)
  }
  map.set(program, losses)
  core.commit.batch.meta.push([key(program), String(losses)])
  core.commit.request()
}
