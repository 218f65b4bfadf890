import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { z } from 'zod'
import { parseCheckpoint } from '../../protocol/tlog/checkpoint.ts'
import { parseProofFile } from '../../protocol/tlog/proofFile.ts'
import { parseNote } from '../../protocol/tlog/signedNote.ts'
import { verifyReceiptFile } from '../../server/ledger/receipts/verifyReceiptFile.ts'
import { CommandError } from '../commandError.ts'
import { type Context, command, contextOf, fileArgument, show } from '../commandLine.ts'
import { pinnedKey } from '../knownRelays.ts'
import { pinRelay } from '../relayClient.ts'

/** `opentab receipt verify FILE` */
export function receipt(): Command {
  const group = new Command('receipt').description('signed receipts')
  group.addCommand(
    command(
      'verify',
      'check a receipt without trusting anyone but the key: exit 0 valid, 1 invalid, 2 no key',
    )
      .argument('<file>', 'the JSON of GET /v1/receipts/{id}')
      .option('--key <vkey>', 'verifier key of the log, e.g. opentab-1f2e3d4c/log+2a4b6c8d+AZ...')
      .action(async (file: string, options: { key?: string }, self: Command) => {
        const context = contextOf(self)
        const document = await readDocument(file)
        refusePending(context, document)
        const vkey = options.key ?? (await trustedKey(context, document))
        const result = await verifyReceiptFile(document, vkey)
        show(context, result, [
          ...result.steps.map((step) => `${step.ok ? 'ok   ' : 'FAIL '} ${step.text}`),
          ...(result.valid ? ['The receipt is valid.'] : []),
        ])
        if (!result.valid) throw new CommandError('The receipt is not valid.')
      }),
  )
  return group
}

async function readDocument(file: string): Promise<unknown> {
  const text = await readFile(fileArgument(file), 'utf8')
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new CommandError(`${file} is not JSON. Give the answer of GET /v1/receipts/{id}.`)
  }
}

const pendingBody = z.object({ id: z.string(), state: z.literal('pending') })

/** @throws CommandError for what the relay answers while the receipt's work is being checked */
function refusePending({ relayUrl }: Context, document: unknown): void {
  const { data: pending } = pendingBody.safeParse(document)
  if (pending === undefined) return
  throw new CommandError(
    `The receipt ${pending.id} is not there yet: its work is still being checked, or waits for the log's next checkpoint. Fetch ${relayUrl}/v1/receipts/${pending.id} again in a while.`,
    { document: { valid: null, reason: 'pending' } },
  )
}

/** The key that was pinned for the log that the receipt names; asks the relay when this is the first contact with it. */
async function trustedKey(context: Context, document: unknown): Promise<string> {
  const origins = originsOf(document)
  if (origins.length === 0) throw new CommandError('The file names no log, so it is not a receipt.')
  const known = async (): Promise<string | undefined> => {
    for (const origin of origins) {
      const vkey = await pinnedKey(context.dataFolder, origin)
      if (vkey !== undefined) return vkey
    }
    return undefined
  }
  const pinned = await known()
  if (pinned !== undefined) return pinned
  await pinRelay(context)
  const fresh = await known()
  if (fresh !== undefined) return fresh
  const reason = `No key of the log ${origins.join(' or ')} is known, and ${context.relayUrl} has none. Give --key VKEY, or set OPENTAB_RELAY to its relay.`
  throw new CommandError(reason, { exitCode: 2, document: { valid: null, reason } })
}

const namesOfLog = z.object({
  receipt: z.object({ relay: z.string() }).optional().catch(undefined),
  proof: z.string().optional().catch(undefined),
})

/**
 * The logs that the receipt and its proof name: only to look up which of the pinned keys is meant. Where the two
 * differ, or lie, the verification says so.
 */
function originsOf(document: unknown): string[] {
  const { data } = namesOfLog.safeParse(document)
  const origins = new Set(data?.receipt ? [data.receipt.relay] : [])
  try {
    if (data?.proof !== undefined) {
      origins.add(parseCheckpoint(parseNote(parseProofFile(data.proof).checkpoint).text).origin)
    }
  } catch {
    // A proof that cannot be read names nothing.
  }
  return [...origins]
}
