import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OpentabError } from './errors.ts'
import { MAX_CONTROL_BYTES } from './limits.ts'
import type { ServedModel } from './manifest.ts'
import { decodeFromRelay, decodeFromTab, encodeMessage, type FromRelay, type FromTab } from './messages.ts'
import { verdicts } from './receipt.ts'

const hello = {
  type: 'hello',
  version: 1,
  address: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  device: {
    vendor: 'google',
    architecture: 'swiftshader',
    description: '',
    browserMajor: 156,
    features: ['timestamp-query'],
    fallbackAdapter: true,
    webgpu: true,
    onnxBackend: 'wasm',
    wasmThreads: 2,
    probe: { wasmMs: 3.5, webgpuMs: null },
  },
  kernels: ['matmul-i8'],
  ready: ['ab'.repeat(32)],
  slots: 8,
  storageBytes: 1e9,
} as const

const anyHash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''))
const u32 = fc.integer({ min: 0, max: 0xffffffff })
const pair = fc.tuple(fc.maxSafeNat(), u32)
/** Sentences as they leave a tab that says nothing odd. */
const line = (maxLength: number) => fc.string({ maxLength }).map((text) => text.trim())
const shortText = line(300)
const stageRun = fc.tuple(anyHash, fc.nat(1023), fc.nat(1023))
const stageRuns = fc.array(stageRun, { maxLength: 3 })
// JSON has no -0.
const logprob = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
const name = line(64)
const tunedKernels = fc.record({
  kernel: name,
  programs: anyHash,
  shapeClass: line(200),
  variant: name,
  tuning: fc.dictionary(fc.constantFrom('lanes', 'chunk'), fc.nat(512), { noNullPrototype: true }),
  ms: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }).map((value) => value + 0),
})
const anyFromTab: fc.Arbitrary<FromTab> = fc.oneof(
  fc
    .record({
      slots: fc.integer({ min: 1, max: 64 }),
      resume: fc.option(fc.string({ maxLength: 100 }), { nil: undefined }),
      kernels: fc.array(shortText, { maxLength: 3 }),
      storageBytes: fc.maxSafeNat(),
      memoryBytes: fc.maxSafeNat(),
      ranges: stageRuns,
    })
    .map(({ resume, ...rest }) => ({
      ...structuredClone(hello),
      device: { ...hello.device, features: [...hello.device.features] },
      ready: [...hello.ready],
      ...rest,
      ...(resume === undefined ? {} : { resume }),
    })),
  fc.record({
    type: fc.constant('state' as const),
    state: fc.constantFrom('ready' as const, 'paused' as const, 'finishing' as const),
  }),
  fc.record({
    type: fc.constant('ready' as const),
    models: fc.array(anyHash, { maxLength: 3 }),
    ranges: stageRuns,
  }),
  fc.record({
    type: fc.constant('tuned' as const),
    choices: fc.array(tunedKernels, { maxLength: 3 }),
    struck: fc.array(fc.record({ kernel: name, variant: name, reason: shortText }), { maxLength: 3 }),
  }),
  fc
    .record({
      type: fc.constant('tokens' as const),
      task: fc.maxSafeNat(),
      generation: u32,
      from: u32,
      ids: fc.array(u32, { minLength: 1, maxLength: 4 }),
      logprobs: fc.option(
        fc.array(fc.tuple(logprob, fc.array(fc.tuple(u32, logprob), { maxLength: 3 })), { maxLength: 4 }),
        { nil: undefined },
      ),
    })
    .map(({ logprobs, ...rest }) => ({ ...rest, ...(logprobs && { logprobs }) })),
  fc.record({ type: fc.constant('heartbeat' as const), leases: fc.array(pair, { maxLength: 64 }) }),
  fc.record({
    type: fc.constant('failed' as const),
    task: fc.maxSafeNat(),
    generation: u32,
    code: shortText,
    message: line(500),
  }),
  fc.record({
    type: fc.constant('handback' as const),
    leases: fc.array(pair, { maxLength: 64 }),
    reason: fc.constantFrom(
      'stop' as const,
      'pause' as const,
      'leaving' as const,
      'device-lost' as const,
      'not-ready' as const,
    ),
  }),
  fc.constant({ type: 'leaving' as const }),
)
const amount = fc.bigInt({ min: -(10n ** 19n), max: 10n ** 19n }).map(String)
const anyFromRelay: fc.Arbitrary<FromRelay> = fc.oneof(
  fc.record({
    type: fc.constant('welcome' as const),
    version: u32,
    tab: fc.string(),
    resume: fc.string(),
    resumed: fc.boolean(),
    relay: fc.record({ name: fc.string(), version: fc.string() }),
    heartbeatMs: u32,
    deviceClass: fc.string(),
  }),
  fc.record({
    type: fc.constant('models' as const),
    models: fc.constant<ServedModel[]>([]),
    ranges: stageRuns,
  }),
  fc.record({ type: fc.constant('cancel' as const), leases: fc.array(pair) }),
  fc.record({
    type: fc.constant('verdicts' as const),
    items: fc.array(
      fc.record({
        task: fc.maxSafeNat(),
        generation: u32,
        verdict: fc.constantFrom(...verdicts),
        microCredits: amount,
        receipt: fc.string(),
        inputSalt: fc.string(),
        outputSalt: fc.string(),
      }),
    ),
  }),
  fc.record({ type: fc.constant('credits' as const), pending: amount, escrow: amount, settled: amount }),
  fc.record({ type: fc.constant('drain' as const), reconnectMs: u32 }),
  fc.record({
    type: fc.constant('error' as const),
    code: fc.string(),
    message: fc.string(),
    fix: fc.string(),
  }),
)

/** The code, message and field with which a decoder refuses. */
function refusal(decode: () => unknown): { code: string; message: string; param: string | null } {
  try {
    decode()
  } catch (error) {
    if (error instanceof OpentabError) return { code: error.code, message: error.message, param: error.param }
    throw error
  }
  return { code: 'nothing was refused', message: '', param: null }
}

describe('control messages', () => {
  it('[T1] what a tab says decodes to what it said', () => {
    fc.assert(
      fc.property(anyFromTab, (message) => {
        expect(decodeFromTab(encodeMessage(message))).toEqual(message)
      }),
    )
  })

  it('[T1] what the relay says decodes to what it said', () => {
    fc.assert(
      fc.property(anyFromRelay, (message) => {
        expect(decodeFromRelay(encodeMessage(message))).toEqual(message)
      }),
    )
  })

  it('[T1] is bad_frame when it is not JSON', () => {
    for (const text of ['', '{', 'hello', '{"type":"leaving"', '\u0000'])
      expect(refusal(() => decodeFromTab(text)).code).toBe('bad_frame')
  })

  it('[T1] is unknown_message without a type that the direction has', () => {
    for (const value of [
      null,
      1,
      'leaving',
      [],
      {},
      { type: 7 },
      { type: 'constructor' },
      { type: 'welcome' },
    ])
      expect(refusal(() => decodeFromTab(JSON.stringify(value))).code).toBe('unknown_message')
    expect(refusal(() => decodeFromRelay('{"type":"hello"}'))).toMatchObject({
      code: 'unknown_message',
      message: 'There is no message type "hello".',
    })
  })

  it('[T2] drops unknown fields', () => {
    expect(decodeFromTab('{"type":"leaving","later":1}')).toEqual({ type: 'leaving' })
  })

  it('[T3] takes every text of a tab as one short line without control characters', () => {
    const odd = '\u001b[2J\u009bx\n::error file=x::\u202eekaf\ud800'
    const clean = '[2J x ::error file=x:: ekaf\ufffd'
    const choice = { ...tuned, kernel: odd, shapeClass: odd, variant: odd, tuning: { [odd]: 1 } }
    const device = { ...hello.device, vendor: odd, architecture: odd, description: odd, features: [odd] }
    const models = ['ab'.repeat(32)]
    const says = [
      { type: 'failed', task: 1, generation: 1, code: odd, message: odd },
      { type: 'state', state: 'paused', reason: odd },
      { type: 'ready', models, failed: [[models[0], odd, odd]] },
      { type: 'tuned', choices: [choice], struck: [{ kernel: odd, variant: odd, reason: odd }] },
      { ...hello, device, kernels: [odd] },
    ]
    for (const said of says) {
      const expected = JSON.parse(JSON.stringify(said).replaceAll(JSON.stringify(odd).slice(1, -1), clean))
      expect(decodeFromTab(JSON.stringify(said))).toEqual(expected)
    }
    const long = { type: 'failed', task: 1, generation: 1, code: '', message: 'x'.repeat(4000) }
    expect(decodeFromTab(JSON.stringify(long))).toMatchObject({ message: `${'x'.repeat(499)}…` })
  })

  const tuned = {
    kernel: 'matmul-f32',
    programs: 'ab'.repeat(32),
    shapeClass: 'k=512 m=512 n=512',
    variant: 'registerTile',
    tuning: { lanes: 32 },
    ms: 1.5,
  }
  const tokens = { type: 'tokens', task: 1, generation: 1, from: 0, ids: [1] }
  const wrong: [string, Record<string, unknown>, string][] = [
    ['a version that is no integer', { ...hello, version: 1.5 }, 'version'],
    ['no address', { ...hello, address: undefined }, 'address'],
    ['an address of 65 characters', { ...hello, address: 'x'.repeat(65) }, 'address'],
    ['a resume token of 101 characters', { ...hello, resume: 'x'.repeat(101) }, 'resume'],
    ['no slots', { ...hello, slots: 0 }, 'slots'],
    ['65 slots', { ...hello, slots: 65 }, 'slots'],
    ['negative storage', { ...hello, storageBytes: -1 }, 'storageBytes'],
    ['65 kernels', { ...hello, kernels: Array(65).fill('k') }, 'kernels'],
    ['a ready model that is no hash', { ...hello, ready: ['AB'.repeat(32)] }, 'ready.0'],
    [
      '101 features',
      { ...hello, device: { ...hello.device, features: Array(101).fill('f') } },
      'device.features',
    ],
    [
      'a feature of 301 characters',
      { ...hello, device: { ...hello.device, features: ['f'.repeat(301)] } },
      'device.features.0',
    ],
    [
      'an unknown backend',
      { ...hello, device: { ...hello.device, onnxBackend: 'cuda' } },
      'device.onnxBackend',
    ],
    ['negative memory', { ...hello, memoryBytes: -1 }, 'memoryBytes'],
    ['stages of what is no model', { ...hello, ranges: [['ab', 0, 1]] }, 'ranges.0.0'],
    ['the stage 1024', { type: 'ready', models: [], ranges: [['ab'.repeat(32), 0, 1024]] }, 'ranges.0.2'],
    ['a run without an end', { type: 'ready', models: [], ranges: [['ab'.repeat(32), 0]] }, 'ranges.0'],
    ['65 choices of variants', { type: 'tuned', choices: Array(65).fill(tuned), struck: [] }, 'choices'],
    [
      'a tuning that is no number',
      { type: 'tuned', choices: [{ ...tuned, tuning: { lanes: '32' } }], struck: [] },
      'choices.0.tuning.lanes',
    ],
    ['a time below zero', { type: 'tuned', choices: [{ ...tuned, ms: -1 }], struck: [] }, 'choices.0.ms'],
    ['no tokens', { ...tokens, ids: [] }, 'ids'],
    ['257 tokens', { ...tokens, ids: Array(257).fill(1) }, 'ids'],
    ['a token below zero', { ...tokens, ids: [-1] }, 'ids.0'],
    ['tokens from nowhere', { ...tokens, from: undefined }, 'from'],
    ['21 alternatives', { ...tokens, logprobs: [[-1, Array(21).fill([1, -1])]] }, 'logprobs.0.1'],
    ['a log-probability that is no number', { ...tokens, logprobs: [[null, []]] }, 'logprobs.0.0'],
    ['an unknown state', { type: 'state', state: 'resting' }, 'state'],
    ['65 leases in a heartbeat', { type: 'heartbeat', leases: Array(65).fill([1, 1]) }, 'leases'],
    ['a lease that is no pair', { type: 'heartbeat', leases: [[1]] }, 'leases.0'],
    ['a negative task', { type: 'failed', task: -1, generation: 1, code: '', message: '' }, 'task'],
    ['a task of 2^53', { type: 'failed', task: 2 ** 53, generation: 1, code: '', message: '' }, 'task'],
    [
      'a generation of 2^32',
      { type: 'failed', task: 1, generation: 2 ** 32, code: '', message: '' },
      'generation',
    ],
    [
      'a failure of 4,001 characters',
      { type: 'failed', task: 1, generation: 1, code: '', message: 'x'.repeat(4001) },
      'message',
    ],
    ['an unknown reason', { type: 'handback', leases: [], reason: 'tired' }, 'reason'],
  ]
  it.each(wrong)('refuses %s by its field', (_, message, param) => {
    const refused = refusal(() => decodeFromTab(JSON.stringify(message)))
    expect(refused.code).toBe('bad_frame')
    expect(refused.param?.startsWith(param)).toBe(true)
    expect(refused.message).toContain(`Message ${String(message.type)}: ${param}`)
  })

  it('[T2] refuses a field out of its range by name', () => {
    expect(refusal(() => decodeFromTab(JSON.stringify({ ...hello, slots: 65 })))).toMatchObject({
      code: 'bad_frame',
      param: 'slots',
    })
  })

  it('[M2] refuses a message over the limit before it is parsed', () => {
    const fits = JSON.stringify({ type: 'leaving', pad: 'x'.repeat(MAX_CONTROL_BYTES - 30) })
    expect(decodeFromTab(fits)).toEqual({ type: 'leaving' })
    expect(refusal(() => decodeFromTab('x'.repeat(MAX_CONTROL_BYTES + 1))).code).toBe('frame_too_large')
    expect(refusal(() => decodeFromRelay('x'.repeat(8 * MAX_CONTROL_BYTES + 1)))).toMatchObject({
      code: 'frame_too_large',
      message: 'A control message of 2097153 characters is over the limit of 2097152.',
    })
  })

  it('[T1] [T2] never throws anything but its named errors, whatever is changed', () => {
    const named = ['nothing was refused', 'bad_frame', 'unknown_message', 'frame_too_large']
    fc.assert(
      fc.property(anyFromTab, fc.nat(), fc.string({ maxLength: 4, unit: 'binary' }), (message, at, noise) => {
        const text = encodeMessage(message)
        const place = at % text.length
        const changed = text.slice(0, place) + noise + text.slice(place + noise.length)
        expect(named).toContain(refusal(() => decodeFromTab(changed)).code)
        expect(named).toContain(refusal(() => decodeFromRelay(changed)).code)
      }),
      { numRuns: 300 },
    )
  })

  it('[T1] [T2] never throws anything but its named errors on any JSON of a known type', () => {
    const types = fc.constantFrom('hello', 'state', 'ready', 'heartbeat', 'failed', 'handback', 'leaving')
    const keys = fc.constantFrom(
      'version',
      'address',
      'device',
      'leases',
      'models',
      'state',
      'task',
      'generation',
      'reason',
    )
    fc.assert(
      fc.property(types, fc.dictionary(keys, fc.jsonValue()), (type, fields) => {
        const text = JSON.stringify({ ...fields, type })
        expect(['nothing was refused', 'bad_frame']).toContain(refusal(() => decodeFromTab(text)).code)
      }),
      { numRuns: 300 },
    )
  })
})
