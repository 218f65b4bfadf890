import type * as z from 'zod/mini'
import { type NetworkDocument, type NetworkModel, networkDocument } from '../../protocol/network.ts'
import { say } from '../text/say.ts'
import {
  type AccountDocument,
  accountDocument,
  errorDocument,
  modelList,
  pendingReceipt,
  type ReceiptPage,
  type ReceiptRow,
  receiptDocumentHead,
  receiptPage,
} from './relayDocuments.ts'
import { asSentence } from './taskWords.ts'

/** The relay refused or did not answer; `message` is a whole sentence for the reader. */
export class RelayTrouble extends Error {
  override readonly name = 'RelayTrouble'
  /** HTTP status, 0 when there was no answer. */
  readonly status: number
  /** The relay's code of the error; null where it gave none. */
  readonly code: string | null
  constructor(status: number, message: string, code: string | null = null) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** The newest checkpoint of the log, as far as the foot of the page shows it. */
export interface LogHead {
  origin: string
  /** Number of receipts. */
  size: number
  /** When it was published, epoch ms; null where the relay does not say. */
  at: number | null
}

/** One receipt: still waiting for its checkpoint, or with its whole document for the verifier. */
export type ReceiptAnswer =
  | { state: 'pending' }
  | { state: 'published'; receipt: ReceiptRow; document: unknown }

/** The calls of the public HTTP surface that the pages make. Every one throws RelayTrouble. */
export interface RelayApi {
  network(): Promise<NetworkDocument>
  models(): Promise<NetworkModel[]>
  account(address: string): Promise<AccountDocument>
  /** `cursor` null for the newest; `limit` at most 200. */
  receipts(address: string, cursor: string | null, limit: number): Promise<ReceiptPage>
  receipt(id: string): Promise<ReceiptAnswer>
  verifierKey(): Promise<string>
  logHead(): Promise<LogHead>
}

/** Calls the relay at `base` (empty: the one that served the page). */
export function createRelayApi(fetcher: typeof fetch, base = ''): RelayApi {
  async function get(path: string): Promise<Response> {
    let answer: Response
    try {
      answer = await fetcher(base + path)
    } catch {
      throw new RelayTrouble(0, say('relay.unreachable'))
    }
    if (answer.ok) return answer
    const body = errorDocument.safeParse(await answer.json().catch(() => null))
    throw new RelayTrouble(
      answer.status,
      body.success ? asSentence(body.data.error.message) : say('relay.unreachable'),
    )
  }
  async function json<T>(answer: Response, schema: z.ZodMiniType<T>): Promise<T> {
    const parsed = schema.safeParse(await answer.json().catch(() => undefined))
    if (!parsed.success) throw new RelayTrouble(answer.status, say('relay.unexpected'))
    return parsed.data
  }
  return {
    network: async () => json(await get('/v1/network'), networkDocument),
    models: async () =>
      (await json(await get('/v1/models'), modelList)).data.map(({ id, opentab }) => ({ id, ...opentab })),
    account: async (address) =>
      json(await get(`/v1/accounts/${encodeURIComponent(address)}`), accountDocument),
    receipts: async (address, cursor, limit) => {
      const query = new URLSearchParams({ limit: String(limit) })
      if (cursor !== null) query.set('cursor', cursor)
      return json(await get(`/v1/accounts/${encodeURIComponent(address)}/receipts?${query}`), receiptPage)
    },
    receipt: async (id) => {
      const answer = await get(`/v1/receipts/${encodeURIComponent(id)}`)
      if (answer.status === 202) {
        await json(answer, pendingReceipt)
        return { state: 'pending' }
      }
      const document: unknown = await answer.json().catch(() => undefined)
      const head = receiptDocumentHead.safeParse(document)
      if (!head.success) throw new RelayTrouble(answer.status, say('relay.unexpected'))
      return { state: 'published', receipt: head.data.receipt, document }
    },
    verifierKey: async () => (await (await get('/log/vkey')).text()).trim(),
    logHead: async () => {
      const answer = await get('/log/checkpoint')
      const [origin, size] = (await answer.text()).split('\n')
      if (origin === undefined || size === undefined || !/^\d{1,15}$/.test(size)) {
        throw new RelayTrouble(answer.status, say('relay.unexpected'))
      }
      const at = Date.parse(answer.headers.get('last-modified') ?? '')
      return { origin, size: Number(size), at: Number.isNaN(at) ? null : at }
    },
  }
}
