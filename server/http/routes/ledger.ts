import { OpentabError } from '../../../protocol/errors.ts'
import type { Receipt } from '../../../protocol/receipt.ts'
import { decodeReceipt } from '../../../protocol/tlog/decodeReceipt.ts'
import type { Eip712Receipt } from '../../../protocol/tlog/receiptTypedData.ts'
import { isReceiptDue } from '../../jobs/jobReceipts.ts'
import { parseReceiptId } from '../../jobs/jobRecords.ts'
import { entryOfBlock } from '../../ledger/log/logReader.ts'
import { tileResource } from '../../ledger/log/tiles.ts'
import type { Eip712Signer } from '../../ledger/receipts/eip712Signer.ts'
import { receiptDocument, receiptProof } from '../../ledger/receipts/receiptDocument.ts'
import type { LogBlock } from '../../store/store.ts'
import { addressInPath } from '../addressInPath.ts'
import type { HttpContext, Routes } from '../httpContext.ts'

const MAX_RECEIPTS = 200
const DEFAULT_RECEIPTS = 50
const IMMUTABLE = 'public, max-age=31536000, immutable'

type FoundReceipt = { index: number; receipt: Receipt; at: string }

/**
 * Finds receipts by id while their entries are committed. An account's receipts lie close together, so the block that
 * was read last is kept for the next call: it may hold megabytes. Make one for each request.
 */
function receiptFinder({ core: { store } }: HttpContext): (id: string) => FoundReceipt | undefined {
  let last: LogBlock | undefined
  return (id) => {
    const parsed = parseReceiptId(id)
    const index = parsed && store.entryOf(parsed.task, parsed.generation)
    if (index === undefined) return undefined
    if (!last || index < last.firstIndex || index >= last.firstIndex + last.count)
      last = store.logBlockAt(index)
    if (!last) return undefined
    const receipt = decodeReceipt(entryOfBlock(last, index))
    return { index, receipt, at: new Date(last.at).toISOString() }
  }
}

/** Accounts, receipts, and the log: the public ledger. */
export const ledgerRoutes =
  (signer: Eip712Signer): Routes =>
  (app, context) => {
    const { core } = context
    const { writer } = core.receipts
    const startedAtMs = core.clock.now()

    /** The EIP-712 form, signed when a receipt is first asked for and kept. */
    async function signed(receipt: Receipt): Promise<Eip712Receipt> {
      const kept = core.store.signature(receipt.id)
      if (kept !== undefined) return JSON.parse(kept) as Eip712Receipt
      const made = await signer.sign(receipt)
      core.commit.batch.signatures.push([receipt.id, JSON.stringify(made)])
      await core.commit.durable()
      return made
    }

    app.get<{ Params: { address: string } }>('/v1/accounts/:address', async (request) => {
      const address = addressInPath(request.params.address)
      const credits = core.ledger.credits(address)
      const payee = core.ledger.knownPayee(address)
      const account = {
        address,
        credits: {
          pending: String(credits.pending),
          escrow: String(credits.escrow),
          settled: String(credits.settled),
          paid: String(credits.paid),
        },
        tasks: { completed: payee?.completed ?? 0, rejected: payee?.rejected ?? 0 },
        receipts: { count: payee?.receipts ?? 0, latest: payee?.latest ?? null },
      }
      // Nothing is shown that a crash could take back.
      await core.commit.durable()
      return account
    })

    app.get<{ Params: { address: string }; Querystring: { limit?: string; cursor?: string } }>(
      '/v1/accounts/:address/receipts',
      async (request) => {
        const address = addressInPath(request.params.address)
        const { limit: limitText = String(DEFAULT_RECEIPTS), cursor } = request.query
        const limit = Number(limitText)
        if (!/^\d+$/.test(limitText) || limit < 1 || limit > MAX_RECEIPTS) {
          throw new OpentabError('invalid_value', `\`limit\` is ${JSON.stringify(limitText)}.`, {
            param: 'limit',
            fix: `Give an integer from 1 to ${MAX_RECEIPTS}.`,
          })
        }
        // Each receipt names the account's previous one, so the newest is all that has to be known. It may not be on
        // disk yet, and nothing that could vanish is shown; while it gets there, newer ones may come.
        let id = cursor ?? core.ledger.knownPayee(address)?.latest ?? null
        await core.commit.durable()
        const receiptOf = receiptFinder(context)
        const data: (Receipt & { at: string })[] = []
        while (id !== null && data.length < limit) {
          const found = receiptOf(id)
          if (found?.receipt.account !== address) {
            // Here the log of before a restore begins, whose receipts this log does not prove.
            id = null
            if (cursor === undefined || data.length > 0) break
            throw new OpentabError('invalid_value', '`cursor` is not one that this list gave.', {
              param: 'cursor',
            })
          }
          data.push({ ...found.receipt, at: found.at })
          id = found.receipt.previous
        }
        return { data, next: id !== null && receiptOf(id) ? id : null }
      },
    )

    app.get<{ Params: { id: string }; Querystring: { format?: string } }>(
      '/v1/receipts/:id',
      async (request, reply) => {
        const { id } = request.params
        const { format } = request.query
        if (format !== undefined && format !== 'tlog-proof') {
          throw new OpentabError('invalid_value', `\`format\` is ${JSON.stringify(format)}.`, {
            param: 'format',
            fix: 'The only format is tlog-proof.',
          })
        }
        const found = receiptFinder(context)(id)
        const parsed = parseReceiptId(id)
        // Streams name the receipts of results whose check is still due.
        if (!found && parsed && isReceiptDue(core, parsed))
          return reply.code(202).header('retry-after', '1').send({ id, state: 'pending' })
        if (!found) throw new OpentabError('not_found', `There is no receipt ${id.slice(0, 80)}.`)
        const proof = receiptProof(writer, found.index)
        if (proof === undefined)
          return reply.code(202).header('retry-after', '1').send({ id, state: 'pending' })
        if (format) return reply.type('text/plain; charset=utf-8').send(proof)
        return receiptDocument(writer, found.index, await signed(found.receipt))
      },
    )

    app.get('/log/vkey', async (_request, reply) =>
      reply.type('text/plain; charset=utf-8').send(`${context.vkey}\n`),
    )
    app.get('/log/checkpoint', async (_request, reply) =>
      reply
        .type('text/plain; charset=utf-8')
        .header('cache-control', 'no-cache')
        .header('last-modified', new Date(writer.publishedAtMs ?? startedAtMs).toUTCString())
        .send(writer.published.text),
    )
    app.get<{ Params: { '*': string } }>('/log/tile/*', async (request, reply) => {
      const bytes = tileResource(writer, `tile/${request.params['*']}`)
      if (!bytes) throw new OpentabError('not_found', 'The log has no such tile.')
      return reply
        .type('application/octet-stream')
        .header('cache-control', IMMUTABLE)
        .send(Buffer.from(bytes))
    })
  }
