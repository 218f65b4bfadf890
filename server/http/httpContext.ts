import type { FastifyInstance, FastifyReply } from 'fastify'
import type { ModelRegistry } from '../../models/modelRegistry.ts'
import type { Config } from '../config.ts'
import type { Core } from '../core.ts'
import type { ApiKeys } from '../ledger/apiKeys.ts'
import type { NetworkFeed } from '../ops/networkFeed.ts'
import type { BlobFolder } from '../store/blobFolder.ts'

/** What the routes share. */
export interface HttpContext {
  core: Core
  config: Config
  registry: ModelRegistry
  blobs: BlobFolder
  keys: ApiKeys
  keyRequired: boolean
  adminToken: string
  network: NetworkFeed
  /** Verifier key of the log. */
  vkey: string
  dataFolder: string
  relay: { name: string; version: string }
  /** Why the relay is not ready; null when it is. */
  notReady: () => string | null
}

export type Routes = (app: FastifyInstance, context: HttpContext) => void

/** Aborted when the requester leaves before the answer is sent. */
export function leaveSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  // The response's own event: a listener on the socket would stay for every request of a kept connection.
  reply.raw.once('close', () => {
    if (!reply.raw.writableEnded) controller.abort()
  })
  // It may have closed while the body was read.
  if (reply.raw.destroyed) controller.abort()
  return controller.signal
}
