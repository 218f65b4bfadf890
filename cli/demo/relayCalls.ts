import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { networkDocument } from '../../protocol/network.ts'

const LOOK_EVERY_MS = 50

const jobBody = z.object({
  id: z.string(),
  state: z.string(),
  result: z
    .object({
      outputs: z.array(z.object({ shape: z.array(z.number()), sha256: z.string(), blob: z.string() })),
    })
    .nullish(),
  receipts: z.array(z.string()).optional(),
  error: z.object({ message: z.string() }).nullish(),
})
const accountBody = z.object({
  address: z.string(),
  credits: z.object({ pending: z.string(), escrow: z.string(), settled: z.string(), paid: z.string() }),
  tasks: z.object({ completed: z.number(), rejected: z.number() }),
  receipts: z.object({ count: z.number(), latest: z.string().nullable() }),
})
export type Account = z.infer<typeof accountBody>

const receiptsBody = z.object({
  data: z.array(
    z.object({ id: z.string(), kind: z.string(), verdict: z.string(), microCredits: z.string() }),
  ),
})
export type ListedReceipt = z.infer<typeof receiptsBody>['data'][number]

/** The calls that the demo makes, through the public interface only. */
export function relayCalls(url: string) {
  async function call(path: string, init: RequestInit = {}): Promise<Response> {
    const answer = await fetch(`${url}${path}`, init)
    if (answer.ok) return answer
    throw new Error(`${path} answers ${answer.status}: ${(await answer.text()).slice(0, 500)}`)
  }
  const post = (path: string, body: unknown): Promise<Response> =>
    call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const get = async (path: string): Promise<unknown> => (await call(path)).json()
  const receiptsOf = (answer: Response): string[] =>
    (answer.headers.get('x-opentab-receipt') ?? '').split(',').filter((id) => id !== '')

  return {
    network: async () => networkDocument.parse(await get('/v1/network')),
    verifierKey: async () => (await call('/log/vkey')).text(),

    async ocr(file: string): Promise<{ lines: string[]; receipts: string[] }> {
      const body = new Uint8Array(await readFile(file))
      const type = body[0] === 0x89 ? 'image/png' : 'image/jpeg'
      const answer = await call('/v1/ocr', { method: 'POST', headers: { 'content-type': type }, body })
      const schema = z.object({ lines: z.array(z.object({ text: z.string() })) })
      const { lines } = schema.parse(await answer.json())
      return { lines: lines.map((line) => line.text), receipts: receiptsOf(answer) }
    },

    async embeddings(input: readonly string[]): Promise<{ vectors: number[][]; receipts: string[] }> {
      const answer = await post('/v1/embeddings', { model: 'all-minilm-l6-v2', input })
      const schema = z.object({
        data: z.array(z.object({ index: z.number(), embedding: z.array(z.number()) })),
      })
      const { data } = schema.parse(await answer.json())
      const vectors = data.toSorted((a, b) => a.index - b.index).map((item) => item.embedding)
      return { vectors, receipts: receiptsOf(answer) }
    },

    /** A seeded int8 product as a background job. @returns the bytes of `c` i32[size, size] with the hash they came under */
    async matmul(size: number, seed: number, withinMs: number) {
      const shape = { m: size, k: size, n: size }
      const made = jobBody.parse(
        await (await post('/v1/jobs', { kind: 'kernel', kernel: 'matmul-i8', shape, seed })).json(),
      )
      const until = Date.now() + withinMs
      for (;;) {
        const job = jobBody.parse(await get(`/v1/jobs/${made.id}`))
        if (job.state === 'done') {
          const output = job.result!.outputs[0]!
          const bytes = new Uint8Array(await (await call(`/blobs/${output.blob}`)).arrayBuffer())
          return { bytes, sha256: output.sha256, receipts: job.receipts ?? [] }
        }
        if (job.state === 'failed' || job.state === 'cancelled') {
          throw new Error(`The matmul job ${job.state}: ${job.error?.message ?? 'no reason given'}`)
        }
        if (Date.now() > until)
          throw new Error(`The matmul job is still ${job.state} after ${withinMs / 1000} s.`)
        await delay(LOOK_EVERY_MS)
      }
    },

    account: async (address: string): Promise<Account> =>
      accountBody.parse(await get(`/v1/accounts/${address}`)),

    async receipts(address: string): Promise<ListedReceipt[]> {
      return receiptsBody.parse(await get(`/v1/accounts/${address}/receipts?limit=200`)).data
    },

    /** The receipt's document once its checkpoint is published. */
    async receipt(id: string, withinMs: number): Promise<unknown> {
      const until = Date.now() + withinMs
      for (;;) {
        const answer = await call(`/v1/receipts/${id}`)
        if (answer.status === 200) return answer.json()
        if (Date.now() > until)
          throw new Error(`The receipt ${id} is not published after ${withinMs / 1000} s.`)
        await delay(LOOK_EVERY_MS)
      }
    },

    /** Counter of `GET /metrics` by its name. */
    async metric(name: string): Promise<number> {
      const text = await (await call('/metrics')).text()
      return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN)
    },

    /** Looks at the network until it is as wanted. */
    async networkBecomes(
      wanted: (network: z.infer<typeof networkDocument>) => boolean,
      what: string,
      withinMs: number,
    ): Promise<void> {
      const until = Date.now() + withinMs
      while (!wanted(networkDocument.parse(await get('/v1/network')))) {
        if (Date.now() > until) throw new Error(`${what}: not after ${withinMs / 1000} s.`)
        await delay(LOOK_EVERY_MS)
      }
    },
  }
}
export type RelayCalls = ReturnType<typeof relayCalls>
