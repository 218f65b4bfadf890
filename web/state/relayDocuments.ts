import * as z from 'zod/mini'
import { modelServing } from '../../protocol/network.ts'

/** What the relay answers to the pages, checked before anything is shown. Unknown fields are dropped. */

const amount = z.string().check(z.regex(/^-?\d{1,30}$/))

/** `GET /v1/accounts/{address}` */
export const accountDocument = z.object({
  /** EIP-55. */
  address: z.string(),
  /** Integer micro-credits. */
  credits: z.object({ pending: amount, escrow: amount, settled: amount, paid: amount }),
  tasks: z.object({ completed: z.number(), rejected: z.number() }),
  receipts: z.object({ count: z.number(), latest: z.nullable(z.string()) }),
})
export type AccountDocument = z.infer<typeof accountDocument>

/** A receipt as the list shows it; the proof is checked on the document of one receipt, never on this. */
export const receiptRow = z.object({
  id: z.string(),
  relay: z.string(),
  task: z.string(),
  kind: z.string(),
  subject: z.string(),
  input: z.string(),
  output: z.string(),
  seed: z.nullable(z.number()),
  deviceClass: z.string(),
  lane: z.string(),
  verdict: z.string(),
  operations: z.number(),
  microCredits: amount,
  account: z.string(),
  previous: z.nullable(z.string()),
  /** When it was made, ISO 8601; beside the receipt, not part of it, and not from every relay. */
  at: z.optional(z.string()),
})
export type ReceiptRow = z.infer<typeof receiptRow>

/** `GET /v1/accounts/{address}/receipts` */
export const receiptPage = z.object({ data: z.array(receiptRow), next: z.nullable(z.string()) })
export type ReceiptPage = z.infer<typeof receiptPage>

/** `GET /v1/receipts/{id}` before its checkpoint is published. */
export const pendingReceipt = z.object({ id: z.string(), state: z.literal('pending') })

/** The readable part of `GET /v1/receipts/{id}`; the rest is judged by the verifier. */
export const receiptDocumentHead = z.object({ id: z.string(), receipt: receiptRow })

/** `GET /v1/models`, what the network page shows of it. */
export const modelList = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      opentab: z.object({
        kind: z.optional(z.string()),
        bytes: z.number(),
        tabs: z.number(),
        ready: z.boolean(),
        ...z.partial(modelServing).shape,
      }),
    }),
  ),
})

/** The body of every error. */
export const errorDocument = z.object({
  error: z.object({ message: z.string(), code: z.nullable(z.string()) }),
})
