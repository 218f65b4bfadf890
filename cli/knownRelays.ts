import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { parseVerifierKey } from '../protocol/tlog/verifierKey.ts'
import { nodeCryptography } from '../server/ledger/log/logSigner.ts'
import { printable } from './printable.ts'

/** The verifier keys that were seen at the first contact, by the log's origin. */
const knownRelays = z.record(
  z.string(),
  z.object({
    /** The verifier key. */
    vkey: z.string(),
    /** Where it was seen first. */
    url: z.string(),
    /** When, ISO 8601. */
    since: z.string(),
  }),
)
type KnownRelays = z.infer<typeof knownRelays>

const fileOf = (dataFolder: string): string => join(dataFolder, 'known-relays.json')

/** @throws Error when the file is there and cannot be read: a lost pin must not be replaced in silence */
async function readKnownRelays(dataFolder: string): Promise<KnownRelays> {
  let text: string
  try {
    text = await readFile(fileOf(dataFolder), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
  return knownRelays.parse(JSON.parse(text))
}

/**
 * Pins the key that a relay shows, unless the log of that name is known. A known log with another key keeps the old
 * one, and stderr says so.
 */
export async function pinKey(
  { dataFolder, relayUrl }: { dataFolder: string; relayUrl: string },
  vkey: string,
): Promise<void> {
  const { name } = await parseVerifierKey(vkey, nodeCryptography.sha256)
  const known = await readKnownRelays(dataFolder)
  const before = known[name]
  if (before) {
    if (before.vkey !== vkey) {
      process.stderr.write(
        `Warning: ${relayUrl} shows another key for the log ${printable(name)} than the one seen at ${before.url} on ${before.since}. The old key stays trusted; if the change is right, remove it from ${fileOf(dataFolder)}.\n`,
      )
    }
    return
  }
  known[name] = { vkey, url: relayUrl, since: new Date().toISOString() }
  await mkdir(dataFolder, { recursive: true })
  const fresh = `${fileOf(dataFolder)}.${randomUUID()}`
  await writeFile(fresh, `${JSON.stringify(known, null, 2)}\n`)
  await rename(fresh, fileOf(dataFolder))
}

/** The pinned key of a log, by its origin. */
export async function pinnedKey(dataFolder: string, origin: string): Promise<string | undefined> {
  const known = await readKnownRelays(dataFolder)
  return Object.hasOwn(known, origin) ? known[origin]!.vkey : undefined
}
