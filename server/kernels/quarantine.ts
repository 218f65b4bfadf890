import { z } from 'zod'
import { OpentabError } from '../../protocol/errors.ts'
import type { Core } from '../core.ts'

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
  /** Epoch ms. */
  at: z.number(),
})
type DeviceLoss = z.infer<typeof deviceLoss>

const lists = new WeakMap<Core, DeviceLoss[]>()

/** The losses that count, oldest first. */
function lossesOf(core: Core): DeviceLoss[] {
  const kept = lists.get(core) ?? z.array(deviceLoss).parse(JSON.parse(core.store.meta(KEY) ?? '[]'))
  const since = core.clock.now() - LOSS_KEPT_MS
  const losses = kept.filter(({ at }) => at > since).slice(-MOST_KEPT)
  lists.set(core, losses)
  return losses
}

const addressesIn = (losses: readonly DeviceLoss[]): number =>
  new Set(losses.map(({ address }) => address)).size

/**
 * @param program its `programKey`
 * @throws OpentabError `kernel_refused` while it has cost the devices of two addresses within a day
 */
export function refuseQuarantined(core: Core, program: string): void {
  const losses = addressesIn(lossesOf(core).filter((loss) => loss.program === program))
  if (losses < MOST_LOSSES) return
  throw new OpentabError(
    'kernel_refused',
    `This program made tabs of ${losses} accounts lose their GPU device.`,
    {
      param: 'program',
      fix: 'Find out in the lab, on a device of your own, what it does there; this relay runs it again a day after the losses.',
    },
  )
}

/** Remembers that a tab says that it lost its device with this program; what one address says counts once. */
export function countDeviceLoss(core: Core, loss: Omit<DeviceLoss, 'at'>): void {
  const isOther = (known: DeviceLoss): boolean =>
    known.address !== loss.address || known.program !== loss.program || known.requester !== loss.requester
  const losses = [...lossesOf(core).filter(isOther), { ...loss, at: core.clock.now() }]
  lists.set(core, losses)
  core.commit.batch.meta.push([KEY, JSON.stringify(losses)])
  core.commit.request()
}

/** Epoch ms until which custom kernels of a requester wait, because his programs cost devices; 0 where none did. */
export function slowedUntil(core: Core, requester: string): number {
  const since = core.clock.now() - SLOW_WINDOW_MS
  const losses = lossesOf(core).filter((loss) => loss.requester === requester && loss.at > since)
  const latest = losses.at(-1)
  return latest ? latest.at + Math.min(SLOW_MOST_MS, addressesIn(losses) * SLOW_STEP_MS) : 0
}
