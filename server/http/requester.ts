import type { FastifyRequest } from 'fastify'
import { OpentabError } from '../../protocol/errors.ts'
import type { ApiKeys } from '../ledger/apiKeys.ts'

/** The account of requesters without a key. */
export const LOCAL = 'local'
export const accountOfKey = (id: string): string => `key:${id}`

const bearer = (request: FastifyRequest): string | undefined =>
  /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]

/**
 * The ledger account that pays for a request.
 * @throws OpentabError `invalid_api_key` where keys are required and none that is valid came
 */
export function requesterOf(request: FastifyRequest, keys: ApiKeys, required: boolean): string {
  const key = bearer(request)
  const found = key === undefined ? undefined : keys.find(key)
  if (found) return accountOfKey(found.id)
  if (!required) return LOCAL
  throw new OpentabError(
    'invalid_api_key',
    key === undefined ? 'No API key came with the request.' : 'The API key is unknown or revoked.',
    { param: 'authorization' },
  )
}
