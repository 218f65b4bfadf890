import * as z from 'zod/mini'
import { cleanLine } from './cleanLine.ts'
import { OpentabError } from './errors.ts'
import { MAX_CONTROL_BYTES, MAX_LEASES } from './limits.ts'
import { servedModel } from './manifestSchema.ts'
import { verdicts } from './receipt.ts'

/**
 * Control messages: one JSON object a text frame, told apart by `type`. Leases and results are binary
 * (protocol/frames.ts). Unknown fields are dropped, unknown types are an error.
 */

const hash = z.string().check(z.regex(/^[0-9a-f]{64}$/))
const taskId = z.number().check(z.int(), z.nonnegative())
const u32 = z.number().check(z.int(), z.gte(0), z.lte(0xffffffff))
/** A text that a tab wrote: people read it in terminals, pages and logs, so it is cleaned once, here. */
const lineOf = (most: number) =>
  z.pipe(
    z.string().check(z.maxLength(most)),
    z.transform((text: string) => cleanLine(text)),
  )
const shortText = lineOf(300)
const amount = z.string().check(z.regex(/^-?\d{1,20}$/))

/** What the tab measured and saw of its device. Told to people; trusted for nothing. */
export const deviceReport = z.object({
  /** Vendor and architecture as WebGPU names them; empty where hidden. */
  vendor: shortText,
  architecture: shortText,
  description: shortText,
  /** Browser's major version, e.g. 156. */
  browserMajor: u32,
  /** Sorted WebGPU features. */
  features: z.array(shortText).check(z.maxLength(100)),
  /** A software adapter. */
  fallbackAdapter: z.boolean(),
  /** Whether there is a WebGPU device at all. */
  webgpu: z.boolean(),
  /** Where ONNX graphs run. */
  onnxBackend: z.enum(['wasm', 'webgpu']),
  /** Threads of the WASM backend. */
  wasmThreads: u32,
  /** Why that backend was chosen: milliseconds of the same probe on each; null where not tried. */
  probe: z.object({ wasmMs: z.nullable(z.number()), webgpuMs: z.nullable(z.number()) }),
})
export type DeviceReport = z.infer<typeof deviceReport>

/** The variant of a kernel that was found fastest for shapes of a class. Told to others; trusted for nothing but speed. */
const tunedKernel = z.object({
  /** Name of the kernel. */
  kernel: lineOf(64),
  /** SHA-256 of its descriptor with all programs: it means nothing for others. */
  programs: hash,
  /** Class of shapes, as the tab's tuner names it. */
  shapeClass: lineOf(200),
  /** Name of the variant. */
  variant: lineOf(64),
  /** Values of its tuning by name. */
  tuning: z.record(lineOf(32), z.number()),
  /** Median time of the shape that was measured, ms. */
  ms: z.number().check(z.nonnegative()),
})
export type TunedKernel = z.infer<typeof tunedKernel>

const tuningReport = z.object({
  choices: z.array(tunedKernel).check(z.maxLength(64)),
  /** Variants that gave wrong answers on this device and are not used there: the sentence says what was wrong. */
  struck: z
    .array(
      z.object({
        kernel: lineOf(64),
        variant: lineOf(64),
        reason: shortText,
      }),
    )
    .check(z.maxLength(64)),
})
export type TuningReport = z.infer<typeof tuningReport>

const stageRun = z.tuple([
  hash,
  z.number().check(z.int(), z.gte(0), z.lte(1023)),
  z.number().check(z.int(), z.gte(0), z.lte(1023)),
])

/** A model that a tab was asked to hold and could not load: [manifest hash, error code, reason]. */
const failedLoad = z.tuple([hash, lineOf(64), shortText])
export type FailedLoad = z.infer<typeof failedLoad>

const hello = z.object({
  type: z.literal('hello'),
  /** PROTOCOL_VERSION of the tab. */
  version: u32,
  /** The payee. */
  address: z.string().check(z.maxLength(64)),
  /** Token from an earlier welcome: the tab comes back and keeps its leases where they still hold. */
  resume: z.optional(z.string().check(z.maxLength(100))),
  device: deviceReport,
  /** Kernels this device can run, by name. */
  kernels: z.array(shortText).check(z.maxLength(64)),
  /** Manifest hashes of models whose sessions are ready to run. */
  ready: z.array(hash).check(z.maxLength(1000)),
  /** Most leases the tab wants to hold at once. */
  slots: z.number().check(z.int(), z.gte(1), z.lte(MAX_LEASES)),
  /** Bytes of models the tab is willing to store. */
  storageBytes: z.number().check(z.int(), z.nonnegative()),
  /** Runs of language models' stages that are ready: [manifest hash, first stage, last stage]. A whole model is one run. */
  ranges: z.optional(z.array(stageRun).check(z.maxLength(1000))),
  /** Bytes of memory the tab gives to language models; 0 where it runs none. */
  memoryBytes: z.optional(z.number().check(z.int(), z.nonnegative())),
  /** Models that the tab was asked to hold and could not load. */
  failed: z.optional(z.array(failedLoad).check(z.maxLength(1000))),
})

const fromTab = z.discriminatedUnion('type', [
  hello,
  /** The tab's state changed. `paused`: no new leases, please; those in hand go on or are handed back one by one. */
  z.object({
    type: z.literal('state'),
    state: z.enum(['ready', 'paused', 'finishing']),
    reason: z.optional(shortText),
  }),
  /** The models that can run now: the whole list, each time it changes. */
  z.object({
    type: z.literal('ready'),
    models: z.array(hash).check(z.maxLength(1000)),
    /** Runs of language models' stages, as in `hello`. */
    ranges: z.optional(z.array(stageRun).check(z.maxLength(1000))),
    /** Models that could not be loaded, as in `hello`. */
    failed: z.optional(z.array(failedLoad).check(z.maxLength(1000))),
  }),
  /** What the tab's tuner measured on this device: all that it knows, each time it knows more. */
  z.object({ type: z.literal('tuned'), ...tuningReport.shape }),
  /** Tokens of a `generate` task as they are made; extends its lease. The result repeats them all. */
  z.object({
    type: z.literal('tokens'),
    task: taskId,
    generation: u32,
    /** Place of the first of these in the answer. */
    from: u32,
    ids: z.array(u32).check(z.minLength(1), z.maxLength(256)),
    /** Where the task asked for log-probabilities: for each id its own, and [id, log-probability] of the alternatives. */
    logprobs: z.optional(
      z
        .array(z.tuple([z.number(), z.array(z.tuple([u32, z.number()])).check(z.maxLength(20))]))
        .check(z.maxLength(256)),
    ),
  }),
  /** Still alive, and at work on these (extends their leases): [task, generation]. */
  z.object({
    type: z.literal('heartbeat'),
    leases: z.array(z.tuple([taskId, u32])).check(z.maxLength(MAX_LEASES)),
  }),
  /** A task failed here; counted as an attempt. */
  z.object({
    type: z.literal('failed'),
    task: taskId,
    generation: u32,
    code: shortText,
    message: lineOf(4000),
  }),
  /** Leases given back untouched. `device-lost` is counted as an attempt, the others are not. */
  z.object({
    type: z.literal('handback'),
    leases: z.array(z.tuple([taskId, u32])).check(z.maxLength(MAX_LEASES)),
    reason: z.enum(['stop', 'pause', 'leaving', 'device-lost', 'not-ready']),
  }),
  /** The tab closes on purpose; what it still holds is free again at once. */
  z.object({ type: z.literal('leaving') }),
])
export type FromTab = z.infer<typeof fromTab>
export type Hello = z.infer<typeof hello>

/** One verdict for the tab that did the work. */
const verdictItem = z.object({
  task: taskId,
  generation: u32,
  verdict: z.enum(verdicts),
  /** Credit of this task, integer micro-credits. */
  microCredits: amount,
  /** Receipt id. */
  receipt: z.string(),
  /** Hex salts of the receipt's input and output hashes: 32 bytes each. */
  inputSalt: z.string(),
  outputSalt: z.string(),
  /** For a rejection: the sentence that says why. */
  reason: z.optional(z.string()),
  /** Later steps of the same stages that the verdict, its credit and its receipt are for too: [task, generation]. */
  steps: z.optional(z.array(z.tuple([taskId, u32]))),
})
export type VerdictItem = z.infer<typeof verdictItem>

const fromRelay = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    version: u32,
    /** The tab's id, shown on /network. */
    tab: z.string(),
    /** Token for `hello.resume`. */
    resume: z.string(),
    /** Whether leases of the resumed tab still hold. */
    resumed: z.boolean(),
    relay: z.object({ name: z.string(), version: z.string() }),
    heartbeatMs: u32,
    deviceClass: z.string(),
    /** What tabs of the same device class measured: a good choice to begin with. */
    tuning: z.optional(z.array(tunedKernel)),
  }),
  /**
   * The models this tab should hold, in the order in which they are wanted: the whole list, each time it changes.
   * `ranges` names the run of stages to hold of a language model; a language model without one is to be held whole.
   */
  z.object({
    type: z.literal('models'),
    models: z.array(servedModel),
    ranges: z.optional(z.array(stageRun)),
  }),
  z.object({ type: z.literal('cancel'), leases: z.array(z.tuple([taskId, u32])) }),
  /** Sent within a second of the verdicts, gathered. */
  z.object({ type: z.literal('verdicts'), items: z.array(verdictItem) }),
  /** The account's credits, when they changed. */
  z.object({ type: z.literal('credits'), pending: amount, escrow: amount, settled: amount }),
  /** The relay goes down: hand in what is nearly done, then wait. */
  z.object({ type: z.literal('drain'), reconnectMs: u32 }),
  /** Sent before the relay closes the socket because of an error. */
  z.object({ type: z.literal('error'), code: z.string(), message: z.string(), fix: z.string() }),
])
export type FromRelay = z.infer<typeof fromRelay>

function decode<T>(schema: z.ZodMiniType<T>, types: ReadonlySet<string>, text: string): T {
  const limit = MAX_CONTROL_BYTES * 8
  if (text.length > limit) {
    throw new OpentabError(
      'frame_too_large',
      `A control message of ${text.length} characters is over the limit of ${limit}.`,
    )
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new OpentabError('bad_frame', `A text frame of ${text.length} characters is not JSON.`)
  }
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
  if (typeof type !== 'string' || !types.has(type)) {
    throw new OpentabError(
      'unknown_message',
      `There is no message type ${JSON.stringify(type)?.slice(0, 60)}.`,
    )
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new OpentabError(
      'bad_frame',
      `Message ${type}: ${issue?.path.join('.')}: ${issue?.message ?? 'invalid'}.`,
      {
        param: issue?.path.join('.') ?? type,
      },
    )
  }
  return parsed.data
}

const tabTypes = new Set([
  'hello',
  'state',
  'ready',
  'tuned',
  'tokens',
  'heartbeat',
  'failed',
  'handback',
  'leaving',
])
const relayTypes = new Set(['welcome', 'models', 'cancel', 'verdicts', 'credits', 'drain', 'error'])

/** @throws OpentabError `bad_frame`, `unknown_message`, `frame_too_large` */
export const decodeFromTab = (text: string): FromTab => {
  if (text.length > MAX_CONTROL_BYTES) {
    throw new OpentabError(
      'frame_too_large',
      `A control message of ${text.length} characters is over the limit of ${MAX_CONTROL_BYTES}.`,
    )
  }
  return decode(fromTab, tabTypes, text)
}

/** @throws OpentabError `bad_frame`, `unknown_message`, `frame_too_large` */
export const decodeFromRelay = (text: string): FromRelay => decode(fromRelay, relayTypes, text)

export const encodeMessage = (message: FromTab | FromRelay): string => JSON.stringify(message)
