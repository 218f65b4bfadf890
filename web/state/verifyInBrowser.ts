import * as z from 'zod/mini'
import {
  allStepsHold,
  type ReceiptCryptography,
  verifyReceiptDocument,
} from '../../protocol/tlog/verifyReceiptDocument.ts'
import { formats, say, type TextKey } from '../text/say.ts'

/** The log's key that this browser saw first, and since when. */
const pinnedKey = z.object({ vkey: z.string(), since: z.number() })

/** One step of the check, in words. */
export interface ShownStep {
  ok: boolean
  /** What was checked. */
  title: string
  /** What was found. */
  text: string
}

export interface VerifyEnvironment {
  /** WebCrypto; undefined where the page came over plain HTTP. */
  subtle: SubtleCrypto | undefined
  /** Asks the relay for its key. */
  verifierKey(): Promise<string>
  /** A small text kept between visits. */
  storage: { get(key: string): string | null; set(key: string, value: string): void }
  /** Epoch ms. */
  now(): number
  /** Checks the EIP-712 form; its library is fetched when there is one. */
  verifyEip712?: ReceiptCryptography['verifyEip712']
}

const PIN_KEY = 'opentab.logKey'

/**
 * Checks the document of one receipt on the spot. The key is the one that this browser saw first: a relay that shows
 * another one later fails the first step. It is remembered once everything holds.
 */
export async function verifyInBrowser(
  document: unknown,
  environment: VerifyEnvironment,
): Promise<{ valid: boolean; steps: ShownStep[] }> {
  const { subtle, storage, verifyEip712 } = environment
  if (subtle === undefined) throw new Error(say('verify.insecure'))
  const shownKey = await environment.verifierKey()
  const pin = readPin(storage.get(PIN_KEY))
  const steps = await verifyReceiptDocument(document, pin?.vkey ?? shownKey, {
    sha256: async (bytes) => new Uint8Array(await subtle.digest('SHA-256', bytes)),
    ed25519Verify: async (publicKey, message, signature) => {
      let key: CryptoKey
      try {
        key = await subtle.importKey('raw', publicKey, { name: 'Ed25519' }, false, ['verify'])
      } catch (error) {
        const unknown = error instanceof Error && error.name === 'NotSupportedError'
        throw unknown ? new Error(say('verify.noEd25519')) : error
      }
      return subtle.verify({ name: 'Ed25519' }, key, signature, message)
    },
    ...(verifyEip712 === undefined ? {} : { verifyEip712 }),
  })
  const known = pinStep(pin, shownKey)
  const valid = known.ok && allStepsHold(steps)
  if (valid && pin === null) {
    storage.set(PIN_KEY, JSON.stringify({ vkey: shownKey, since: environment.now() }))
  }
  const shown = steps.map(({ name, ok, text }) => ({
    ok,
    title: say(`step.${name}` satisfies TextKey),
    text,
  }))
  return { valid, steps: [known, ...shown] }
}

function readPin(text: string | null): z.infer<typeof pinnedKey> | null {
  try {
    return pinnedKey.safeParse(JSON.parse(text ?? 'null')).data ?? null
  } catch {
    return null
  }
}

function pinStep(pin: z.infer<typeof pinnedKey> | null, shownKey: string): ShownStep {
  const title = say('step.pinned')
  if (pin === null) return { ok: true, title, text: say('verify.keyNew') }
  const since = formats.day(pin.since)
  return pin.vkey === shownKey
    ? { ok: true, title, text: say('verify.keyPinned', { since }) }
    : { ok: false, title, text: say('verify.keyChanged', { since }) }
}
