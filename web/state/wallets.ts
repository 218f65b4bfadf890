import * as z from 'zod/mini'
import { say } from '../text/say.ts'
import { asSentence } from './taskWords.ts'

/** A wallet that announced itself (EIP-6963). */
export interface DetectedWallet {
  /** Unique in this page's life. */
  uuid: string
  name: string
  /** A `data:image/` URI. */
  icon: string
  /** The address of its first account. @throws Error whose message is a whole sentence for the reader */
  address(): Promise<string>
}

const announcement = z.object({
  info: z.object({
    uuid: z.string().check(z.minLength(1), z.maxLength(100)),
    name: z.string().check(z.minLength(1), z.maxLength(60)),
    icon: z.string().check(z.regex(/^data:image\//), z.maxLength(300_000)),
  }),
  provider: z.object({
    request: z.custom<(call: { method: string }) => Promise<unknown>>((x) => typeof x === 'function'),
  }),
})

const refusal = z.object({ code: z.literal(4001) })

/** A wallet from an announcement's detail; null for one that is not as EIP-6963 says. */
export function readAnnouncement(detail: unknown): DetectedWallet | null {
  const parsed = announcement.safeParse(detail)
  if (!parsed.success) return null
  const { uuid, name, icon } = parsed.data.info
  const { provider } = detail as { provider: { request(call: { method: string }): Promise<unknown> } }
  return {
    uuid,
    name,
    icon,
    address: async () => {
      let accounts: unknown
      try {
        // Called on the provider itself: wallets are classes that need their `this`.
        accounts = await provider.request({ method: 'eth_requestAccounts' })
      } catch (error) {
        if (refusal.safeParse(error).success) throw new Error(say('panel.walletRefused', { name }))
        const reason = error instanceof Error ? error.message : String(error)
        throw new Error(say('panel.walletFailed', { name, reason: asSentence(reason).slice(0, -1) }))
      }
      const first = z.array(z.string()).safeParse(accounts).data?.[0]
      if (first === undefined) throw new Error(say('panel.walletRefused', { name }))
      return first
    },
  }
}

/** Adds a wallet to those known, once each. */
export const addWallet = (
  known: readonly DetectedWallet[],
  wallet: DetectedWallet,
): readonly DetectedWallet[] => (known.some(({ uuid }) => uuid === wallet.uuid) ? known : [...known, wallet])

/** Listens for wallets and asks those that are there already to announce themselves. */
export function detectWallets(target: EventTarget, found: (wallet: DetectedWallet) => void): () => void {
  const listen = (event: Event) => {
    const wallet = readAnnouncement(event instanceof CustomEvent ? event.detail : undefined)
    if (wallet !== null) found(wallet)
  }
  target.addEventListener('eip6963:announceProvider', listen)
  target.dispatchEvent(new Event('eip6963:requestProvider'))
  return () => target.removeEventListener('eip6963:announceProvider', listen)
}
