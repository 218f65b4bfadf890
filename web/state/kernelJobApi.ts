import * as z from 'zod/mini'
import type { FleetJob } from '../lab/fleetJob.ts'
import { say } from '../text/say.ts'
import { RelayTrouble } from './relayApi.ts'
import { errorDocument } from './relayDocuments.ts'
import { asSentence } from './taskWords.ts'

/** A line of `result.matrix`: a device class. */
const fleetRow = z.object({
  deviceClass: z.string(),
  verdict: z.enum(['agrees', 'differs', 'unverified', 'failed']),
  /** Largest distance from what most say, units in the last place; null: nothing to compare with. */
  maxUlp: z.nullable(z.number()),
  /** Time of a run, ms; null where none was timed. */
  medianMs: z.nullable(z.number()),
  madMs: z.nullable(z.number()),
  /** How it was timed. */
  timing: z.nullable(z.enum(['timestamps', 'wall'])),
  tabs: z.number(),
  /** The first element that differs. */
  mismatch: z.nullable(
    z.object({
      output: z.string(),
      index: z.number(),
      value: z.union([z.number(), z.string()]),
      reference: z.union([z.number(), z.string()]),
    }),
  ),
  /** Why it failed. */
  message: z.nullable(z.string()),
})
export type FleetRow = z.infer<typeof fleetRow>

const submitted = z.object({ id: z.string() })
const jobDocument = z.object({
  state: z.string(),
  error: z.nullable(z.object({ message: z.string() })),
  result: z.nullable(z.object({ matrix: z.array(fleetRow) })),
})
export type KernelJobDocument = z.infer<typeof jobDocument>

/** The relay's jobs, as far as the lab uses them. Every call throws RelayTrouble. */
export interface KernelJobApi {
  /** Submits a job and gives its id. */
  submit(job: FleetJob, apiKey: string): Promise<string>
  look(id: string, apiKey: string): Promise<KernelJobDocument>
  cancel(id: string, apiKey: string): Promise<void>
}

/** Calls the relay that served the page. */
export function createKernelJobApi(fetcher: typeof fetch): KernelJobApi {
  async function call(method: string, path: string, apiKey: string, body?: unknown): Promise<unknown> {
    let answer: Response
    try {
      answer = await fetcher(path, {
        method,
        headers: {
          ...(apiKey !== '' && { authorization: `Bearer ${apiKey}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
    } catch {
      throw new RelayTrouble(0, say('relay.unreachable'))
    }
    const document: unknown = await answer.json().catch(() => null)
    if (answer.ok) return document
    const error = errorDocument.safeParse(document)
    throw new RelayTrouble(
      answer.status,
      error.success ? asSentence(error.data.error.message) : say('relay.unreachable'),
      error.success ? error.data.error.code : null,
    )
  }
  function read<T>(document: unknown, schema: z.ZodMiniType<T>): T {
    const parsed = schema.safeParse(document)
    if (!parsed.success) throw new RelayTrouble(200, say('relay.unexpected'))
    return parsed.data
  }
  return {
    submit: async (job, apiKey) => read(await call('POST', '/v1/jobs', apiKey, job), submitted).id,
    look: async (id, apiKey) => read(await call('GET', `/v1/jobs/${id}`, apiKey), jobDocument),
    cancel: async (id, apiKey) => {
      await call('DELETE', `/v1/jobs/${id}`, apiKey)
    },
  }
}
