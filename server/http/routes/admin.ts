import { hash, timingSafeEqual } from 'node:crypto'
import { isAbsolute } from 'node:path'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { OpentabError } from '../../../protocol/errors.ts'
import { backUp } from '../../ops/backup.ts'
import { parseRequestBody } from '../../pipelines/requestBody.ts'
import { addressInPath } from '../addressInPath.ts'
import type { Routes } from '../httpContext.ts'
import { accountOfKey } from '../requester.ts'

const newKey = z.strictObject({
  name: z.string().min(1).max(100),
  /** Micro-credits, decimal. */
  limit: z
    .string()
    .regex(/^\d{1,15}$/, { error: 'must be micro-credits: a string of at most 15 digits' })
    .nullish(),
})
const backupRequest = z.strictObject({ file: z.string().min(1) })

const sameText = (a: string, b: string): boolean =>
  timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'))

/** What the operator does: keys, bans, backups, models; all behind the admin token. */
export const adminRoutes: Routes = (app, context) => {
  const { core, keys } = context
  app.register(async (admin) => {
    admin.addHook('onRequest', async (request: FastifyRequest) => {
      const token = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
      if (token !== undefined && sameText(token, context.adminToken)) return
      throw new OpentabError('invalid_api_key', 'The admin token is missing or wrong.', {
        param: 'authorization',
        fix: 'Send `authorization: Bearer TOKEN`; the token is in DATA/admin-token.',
      })
    })
    const spent = (id: string): string => String(-core.ledger.balance(accountOfKey(id)))

    admin.post('/admin/keys', async (request, reply) => {
      const { name, limit } = parseRequestBody(newKey, request.body)
      const { key, ...made } = await keys.create(name, limit == null ? null : Number(limit))
      return reply.code(201).send({ ...viewKey(made), key })
    })
    admin.get('/admin/keys', async () => ({
      data: keys.list().map((key) => ({ ...viewKey(key), spent: spent(key.id) })),
    }))
    admin.delete<{ Params: { id: string } }>('/admin/keys/:id', async (request) =>
      viewKey(await keys.revoke(request.params.id)),
    )

    admin.post<{ Params: { address: string; action: string } }>(
      '/admin/accounts/:address/:action',
      async (request) => {
        const { action } = request.params
        if (action !== 'ban' && action !== 'unban') throw new OpentabError('not_found')
        const address = addressInPath(request.params.address)
        const payee = core.ledger.payee(address)
        payee.banned = action === 'ban'
        core.ledger.touch(payee)
        await core.commit.durable()
        if (payee.banned) {
          for (const tab of [...core.tabs.values()]) {
            if (tab.address === address)
              tab.link?.close('accountBanned', `${address} was banned on this relay.`)
          }
        }
        return { address, banned: payee.banned }
      },
    )

    admin.post('/admin/backup', async (request) => {
      const { file } = parseRequestBody(backupRequest, request.body)
      if (!isAbsolute(file))
        throw new OpentabError('invalid_value', '`file` must be an absolute path.', { param: 'file' })
      return backUp(core, context.dataFolder, file)
    })
    admin.post('/admin/models/refresh', async () => {
      await context.registry.refresh()
      return { data: context.registry.list().map((model) => model.manifest.id) }
    })
    admin.get('/admin/status', async () => ({
      relay: context.relay,
      log: { origin: core.receipts.origin, size: core.receipts.writer.published.size },
      tabs: core.tabs.size,
      queue: core.queue.length,
      jobs: core.jobs.size,
      ledgerSum: String(core.ledger.sum()),
      operator: String(core.ledger.balance('operator')),
    }))
  })
}

function viewKey(key: {
  id: string
  name: string
  limitMicroCredits: number | null
  createdAt: number
  revokedAt: number | null
}) {
  return {
    id: key.id,
    name: key.name,
    limit: key.limitMicroCredits === null ? null : String(key.limitMicroCredits),
    created: new Date(key.createdAt).toISOString(),
    revoked: key.revokedAt === null ? null : new Date(key.revokedAt).toISOString(),
  }
}
