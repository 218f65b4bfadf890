import * as z from 'zod/mini'
import { verdicts } from './receipt.ts'

/** One connected tab, as `GET /v1/network` lists it from its hello on. */
export const networkTab = z.object({
  id: z.string(),
  /** The payee, EIP-55. */
  address: z.string(),
  deviceClass: z.string(),
  /** Where the tab runs ONNX graphs: `wasm` or `webgpu`. */
  backend: z.string(),
  state: z.enum(['idle', 'working', 'paused', 'leaving']),
  /** Models that can run there now, by name. */
  models: z.array(z.string()),
  /** Tasks that were credited to it in this connection. */
  tasks: z.number(),
})
export type NetworkTab = z.infer<typeof networkTab>

/** How a model can be served now, as `opentab` of `GET /v1/models` says it, too. */
export const modelServing = z.object({
  /** Tabs that hold all of it. */
  tabsWhole: z.number(),
  /** Stages that it is cut into; 1 for a model that is no language model. */
  stages: z.number(),
  /** How many of them some tab holds. */
  stagesHeld: z.number(),
  /** By a tab that holds it whole, else over tabs that hold all its stages together, else not at all. */
  mode: z.enum(['whole', 'shared', 'none']),
  /** Memory that a tab must give for its largest part, bytes; only where no connected tab gives enough for any part. */
  memoryWanted: z.optional(z.number()),
  /** Connected tabs that were asked to hold it and could not load it; left out where there is none. */
  tabsFailed: z.optional(z.number()),
})
export type ModelServing = z.infer<typeof modelServing>

/** A model that the relay serves, with how many tabs can run it now. */
export const networkModel = z.object({
  id: z.string(),
  /** `ocr`, `embeddings`, `chat` or `onnx`. */
  kind: z.optional(z.string()),
  /** Bytes that a tab fetches, once. */
  bytes: z.number(),
  /** Tabs whose sessions are ready. */
  tabs: z.number(),
  /** It can be served now. */
  ready: z.boolean(),
  ...z.partial(modelServing).shape,
})
export type NetworkModel = z.infer<typeof networkModel>

/** The body of `GET /v1/network`, and of each `event: network` of its stream. The optional parts may be left out. */
export const networkDocument = z.object({
  tabs: z.array(networkTab),
  queue: z.object({
    /** Tasks that wait for a tab. */
    queued: z.number(),
    /** Tasks that a tab works on. */
    leased: z.number(),
    /** Waiting tasks by kind. */
    kinds: z.optional(z.record(z.string(), z.number())),
  }),
  totals: z.object({
    /** Verified tasks since the relay's first start. */
    tasks: z.number(),
    /** Credit of all tasks, integer micro-credits as decimal string. */
    microCredits: z.string(),
    /** Verified tasks since midnight UTC; left out on the day of a restart, when the relay does not know. */
    tasksToday: z.optional(z.number()),
  }),
  models: z.optional(z.array(networkModel)),
  /** How many of the newest results had which verdict. */
  verdicts: z.optional(z.partialRecord(z.enum(verdicts), z.number())),
  relay: z.optional(z.object({ name: z.string(), version: z.string() })),
})
export type NetworkDocument = z.infer<typeof networkDocument>
