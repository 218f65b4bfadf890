import { z } from 'zod'
import { OpentabError } from '../../protocol/errors.ts'
import type { Core } from '../core.ts'
import { hasStanding, initialSamplingState } from '../verify/samplingPolicy.ts'
import { type DeviceRun, keptOf, rememberKept, storeKept } from './keptDevices.ts'

/** Addresses whose devices a program may cost before it is not run any more. */
export const MOST_LOSSES = 2
/** How long a lost device counts, ms. */
export const LOSS_KEPT_MS = 24 * 60 * 60_000
/** Losses of a requester's programs within this time make his next jobs wait, ms. */
const SLOW_WINDOW_MS = 60 * 60_000
/** How long a job waits for each address whose device his programs cost, ms, and at most. */
const SLOW_STEP_MS = 60_000
const SLOW_MOST_MS = 10 * 60_000
/** Losses that are remembered at most, the latest: addresses cost nothing. */
const MOST_KEPT = 1000

const KEY = 'kernel_losses'

const deviceLoss = z.object({
  /** The program, as `programKey` says. */
  program: z.string(),
  /** Whose job it was. */
  requester: z.string(),
  /** Of the tab that said so. */
  address: z.string(),
  /** Of that tab; losses that were kept before classes were have none. */
  deviceClass: z.string().default(''),
  /** Epoch ms. */
  at: z.number(),
})
type DeviceLoss = z.infer<typeof deviceLoss>

const lists = new WeakMap<Core, DeviceLoss[]>()

/** All that are remembered, oldest first. */
function rememberedBy(core: Core): DeviceLoss[] {
  const losses = lists.get(core) ?? z.array(deviceLoss).parse(JSON.parse(core.store.meta(KEY) ?? '[]'))
  lists.set(core, losses)
  return losses
}

/** The losses that count, oldest first. */
function lossesOf(core: Core): DeviceLoss[] {
  const since = core.clock.now() - LOSS_KEPT_MS
  return rememberedBy(core).filter(({ at }) => at > since)
}

const addressesIn = (runs: readonly Pick<DeviceRun, 'address'>[]): Set<string> =>
  new Set(runs.map(({ address }) => address))

/**
 * Whether those who kept their devices speak louder than those who lost them: more of them have standing, or as many and
 * they are at least as many altogether. Whoever says both has lost it.
 */
function isOutweighed(core: Core, lost: ReadonlySet<string>, kept: ReadonlySet<string>): boolean {
  const keepers = [...kept].filter((address) => !lost.has(address))
  const backed = (addresses: Iterable<string>): number =>
    [...addresses].filter((address) => hasStanding(core.ledger.knownPayee(address) ?? initialSamplingState))
      .length
  const [keepersBacked, losersBacked] = [backed(keepers), backed(lost)]
  if (keepersBacked !== losersBacked) return keepersBacked > losersBacked
  return keepers.length >= lost.size
}

/**
 * @param program its `programKey`
 * @throws OpentabError `kernel_refused` while it has cost the devices of two addresses within a day, and no more speaks against it
 */
export function refuseQuarantined(core: Core, program: string): void {
  const lost = addressesIn(lossesOf(core).filter((loss) => loss.program === program))
  if (lost.size < MOST_LOSSES || isOutweighed(core, lost, addressesIn(keptOf(core, program)))) return
  throw refusalOf(lost.size)
}

const refusalOf = (accounts: number): OpentabError =>
  new OpentabError(
    'kernel_refused',
    `This program made tabs of ${accounts} accounts lose their GPU device.`,
    {
      param: 'program',
      fix: 'Find out in the lab, on a device of your own, what it does there; this relay runs it again a day after the losses.',
    },
  )

/**
 * Whether a tab is not asked for a program: its account lost a device with it, ever, or two accounts of its class did within a
 * day, and those of the class who kept theirs do not outweigh them.
 */
export function isSpared(
  core: Core,
  program: string,
  { address, deviceClass }: Pick<DeviceRun, 'address' | 'deviceClass'>,
): boolean {
  if (rememberedBy(core).some((loss) => loss.program === program && loss.address === address)) return true
  const ofClass = (run: { deviceClass: string }): boolean => run.deviceClass === deviceClass
  const lost = addressesIn(lossesOf(core).filter((loss) => loss.program === program && ofClass(loss)))
  return (
    lost.size >= MOST_LOSSES && !isOutweighed(core, lost, addressesIn(keptOf(core, program).filter(ofClass)))
  )
}

/** Remembers that a tab says that it lost its device with this program; what one address says counts once. */
export function countDeviceLoss(core: Core, loss: Omit<DeviceLoss, 'at'>): void {
  const isOther = (known: DeviceLoss): boolean =>
    known.address !== loss.address || known.program !== loss.program || known.requester !== loss.requester
  const losses = [...rememberedBy(core).filter(isOther), { ...loss, at: core.clock.now() }].slice(-MOST_KEPT)
  lists.set(core, losses)
  core.commit.batch.meta.push([KEY, JSON.stringify(losses)])
  storeKept(core, programsIn(losses))
}

/** Remembers that a tab ran this program to its end and kept its device. */
export function countKeptDevice(core: Core, program: string, run: Omit<DeviceRun, 'at'>): void {
  rememberKept(core, program, run)
  const programs = programsIn(rememberedBy(core))
  if (programs.has(program)) storeKept(core, programs)
}

const programsIn = (losses: readonly DeviceLoss[]): Set<string> =>
  new Set(losses.map(({ program }) => program))

/**
 * Epoch ms until which a program of a requester waits, because his programs cost devices that nobody outweighs; 0 where none
 * did. Requesters without a key are many in one: of theirs only the same program waits.
 */
export function slowedUntil(core: Core, requester: string, program: string): number {
  const since = core.clock.now() - SLOW_WINDOW_MS
  const own = lossesOf(core).filter((loss) => loss.requester === requester && loss.at > since)
  const byProgram = Map.groupBy(own, (loss) => loss.program)
  const losses = [...byProgram].flatMap(([of, some]) => {
    if (requester === 'local' && of !== program) return []
    return isOutweighed(core, addressesIn(some), addressesIn(keptOf(core, of))) ? [] : some
  })
  if (losses.length === 0) return 0
  const latest = Math.max(...losses.map(({ at }) => at))
  return latest + Math.min(SLOW_MOST_MS, addressesIn(losses).size * SLOW_STEP_MS)
}
