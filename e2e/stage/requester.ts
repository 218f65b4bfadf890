import { z } from 'zod'
import { jobStates } from '../../protocol/job.ts'
import { type NetworkDocument, networkDocument } from '../../protocol/network.ts'
import {
  type AccountDocument,
  accountDocument,
  type ReceiptRow,
  receiptPage,
} from '../../web/state/relayDocuments.ts'
import type { MatmulTask } from './matmul.ts'
import { until } from './until.ts'

const output = z.object({
  name: z.string(),
  shape: z.array(z.number()),
  sha256: z.string(),
  data: z.array(z.number()).optional(),
  blob: z.string().optional(),
})
const outputs = z.array(output)
const jobDocument = z.object({
  id: z.string(),
  state: z.enum(jobStates),
  result: z
    .object({ outputs: outputs.optional(), tasks: z.array(z.object({ outputs })).optional() })
    .nullable(),
  receipts: z.array(z.string()),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
})
/** `GET /v1/jobs/{id}` */
export type JobDocument = z.infer<typeof jobDocument>
const submitted = z.object({ id: z.string() })

const embeddings = z.object({ data: z.array(z.object({ embedding: z.array(z.number()) })) })
const ocr = z.object({ lines: z.array(z.object({ text: z.string() })), receipts: z.array(z.string()) })

/** Someone who asks the relay over HTTP, without a key. */
export interface Requester {
  network(): Promise<NetworkDocument>
  account(address: string): Promise<AccountDocument>
  /** All receipts of an address, newest first. */
  receipts(address: string): Promise<ReceiptRow[]>
  /** Starts a background job; gives its id. */
  submit(body: unknown): Promise<string>
  job(id: string): Promise<JobDocument>
  /** Waits until the job is done. @throws when it ends otherwise */
  done(id: string): Promise<JobDocument>
  /** The numbers of the one output of each task of a job that is done. */
  products(job: JobDocument): Promise<Int32Array[]>
  embed(texts: readonly string[]): Promise<number[][]>
  /** Texts of the lines of a JPEG. */
  read(jpeg: Uint8Array<ArrayBuffer>): Promise<{ lines: string[]; receipts: string[] }>
}

/** The job body for products whose inputs come from seeds. */
export const matmulBatch = (tasks: readonly MatmulTask[]) => ({
  kind: 'batch',
  tasks: tasks.map(({ shape, seed }) => ({ kind: 'kernel', kernel: 'matmul-i8', shape, seed })),
})

export function createRequester(relayUrl: string): Requester {
  async function ask<T>(schema: z.ZodType<T>, path: string, init?: RequestInit): Promise<T> {
    const answer = await fetch(relayUrl + path, init)
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
    return schema.parse(await answer.json())
  }
  const post = <T>(schema: z.ZodType<T>, path: string, body: unknown): Promise<T> =>
    ask(schema, path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const job = (id: string) => ask(jobDocument, `/v1/jobs/${id}`)

  async function numbers({ data, blob }: z.infer<typeof output>): Promise<Int32Array> {
    if (data) return Int32Array.from(data)
    const answer = await fetch(`${relayUrl}/blobs/${blob}`)
    return new Int32Array(await answer.arrayBuffer())
  }

  return {
    async network() {
      const answer = await fetch(`${relayUrl}/v1/network`)
      return networkDocument.parse(await answer.json())
    },
    async account(address) {
      const answer = await fetch(`${relayUrl}/v1/accounts/${address}`)
      return accountDocument.parse(await answer.json())
    },
    async receipts(address) {
      const all: ReceiptRow[] = []
      let cursor: string | null = ''
      while (cursor !== null) {
        const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
        const answer = await fetch(`${relayUrl}/v1/accounts/${address}/receipts?limit=200${query}`)
        const page = receiptPage.parse(await answer.json())
        all.push(...page.data)
        cursor = page.next
      }
      return all
    },
    submit: async (body) => (await post(submitted, '/v1/jobs', body)).id,
    job,
    done: (id) =>
      until(`job ${id} is done`, async () => {
        const seen = await job(id)
        if (seen.state === 'failed' || seen.state === 'cancelled') {
          throw new Error(`Job ${id} ended as ${seen.state}: ${JSON.stringify(seen.error)}`)
        }
        return seen.state === 'done' && seen
      }),
    products({ result }) {
      const tasks = result?.tasks ?? [{ outputs: result?.outputs ?? [] }]
      return Promise.all(tasks.map(({ outputs: [first] }) => numbers(first!)))
    },
    async embed(texts) {
      const body = { model: 'all-minilm-l6-v2', input: texts }
      const { data } = await post(embeddings, '/v1/embeddings', body)
      return data.map(({ embedding }) => embedding)
    },
    async read(jpeg) {
      const headers = { 'content-type': 'image/jpeg' }
      const { lines, receipts } = await ask(ocr, '/v1/ocr', { method: 'POST', headers, body: jpeg })
      return { lines: lines.map(({ text }) => text), receipts }
    },
  }
}
