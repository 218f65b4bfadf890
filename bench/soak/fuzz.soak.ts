import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import WebSocket from 'ws'
import { hostileModels } from '../../models/hostileModels.ts'
import { importOnnxBytes } from '../../models/importOnnx.ts'
import { closeReasonOf } from '../../protocol/closeCodes.ts'
import { isErrorCode, OpentabError } from '../../protocol/errors.ts'
import { encodeResults } from '../../protocol/frames.ts'
import { pcg } from '../../protocol/seededInputs.ts'
import type { Lease } from '../../protocol/task.ts'
import { tensorOf } from '../../protocol/tensor.ts'
import { readConfig } from '../../server/config.ts'
import { createRelay } from '../../server/createRelay.ts'
import { computeLease, SimulatedTab } from '../simulatedTab.ts'
import { auditData } from './auditData.ts'

const CONNECTIONS = 20_000
const REQUESTS = 20_000
/** Jobs whose leases are answered with forged frames. */
const FORGED_JOBS = 500

/** Codes with which the WebSocket layer itself closes: wrong framing, text that is not UTF-8, a message too large. */
const LAYER_CLOSES = [1002, 1006, 1007, 1009]
const addressOf = (n: number): string => `0x${n.toString(16).padStart(40, '0')}`

/** Numbers that come again with the seed. */
class Draw {
  readonly #seed: number
  #n = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  below(limit: number): number {
    return pcg((this.#seed + this.#n++) >>> 0) % limit
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => this.below(256))
  }

  /** The bytes with some changed, cut off, doubled or added. */
  spoil(whole: Uint8Array): Uint8Array<ArrayBuffer> {
    let bytes = new Uint8Array(whole)
    for (let change = 1 + this.below(4); change > 0; change--) {
      const at = this.below(Math.max(1, bytes.length))
      switch (this.below(5)) {
        case 0:
          bytes = bytes.slice(0, at)
          break
        case 1:
          bytes = new Uint8Array([...bytes, ...this.bytes(1 + this.below(16))])
          break
        case 2:
          bytes = new Uint8Array([...bytes.subarray(0, at), ...bytes.subarray(Math.max(0, at - 8))])
          break
        default:
          if (bytes.length > 0) bytes[at] = this.of([0, 1, 0x7f, 0x80, 0xff, this.below(256)])
      }
    }
    return bytes
  }
}

const textBytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

const device = {
  vendor: 'v',
  architecture: 'a',
  description: '',
  browserMajor: 1,
  features: ['f'],
  fallbackAdapter: false,
  webgpu: true,
  onnxBackend: 'wasm',
  wasmThreads: 1,
  probe: { wasmMs: 1, webgpuMs: null },
}
const hello = (address: string) => ({
  type: 'hello',
  version: 1,
  address,
  device,
  kernels: [],
  ready: ['ab'.repeat(32)],
  slots: 4,
  storageBytes: 1e6,
})
const messages: unknown[] = [
  { type: 'state', state: 'paused' },
  { type: 'ready', models: ['cd'.repeat(32)] },
  { type: 'heartbeat', leases: [[8192, 1]] },
  { type: 'failed', task: 8192, generation: 1, code: 'internal', message: 'm' },
  { type: 'handback', leases: [[8192, 1]], reason: 'device-lost' },
  { type: 'leaving' },
]
const results = encodeResults(
  [1, 2].map((n) => ({
    task: 8192 * n,
    generation: (1 << 20) + n,
    computeMicros: 1,
    outputs: [
      tensorOf('c', 'INT32', [1, 1], Int32Array.of(n)),
      tensorOf('é', 'FP32', [2], Float32Array.of(n, 1)),
    ],
  })),
)

/** One connection that greets rightly (mostly) and sends spoiled frames; gives how it was closed. */
function spoiledConnection(relayUrl: string, draw: Draw, address: string): Promise<number> {
  const socket = new WebSocket(`${relayUrl.replace('http', 'ws')}/tab`, { perMessageDeflate: false })
  socket.on('error', () => {})
  socket.on('open', () => {
    const greeting = textBytes(hello(address))
    socket.send(draw.below(4) === 0 ? draw.spoil(greeting) : greeting, { binary: false })
    for (let i = draw.below(5); i >= 0; i--) {
      const binary = draw.below(2) === 0
      const whole = binary ? results : textBytes(draw.of(messages))
      socket.send(draw.below(6) === 0 ? draw.bytes(draw.below(300)) : draw.spoil(whole), { binary })
    }
    // Some of it may have been taken: the end is ours then.
    socket.close(1000)
  })
  return new Promise((resolve) => socket.once('close', resolve))
}

const job = {
  kind: 'kernel',
  kernel: 'matmul-i8',
  shape: { m: 1, k: 2, n: 1 },
  inputs: [
    { name: 'a', datatype: 'INT8', shape: [1, 2], data: [1, 2] },
    { name: 'b', datatype: 'INT8', shape: [2, 1], base64: 'AQI=' },
  ],
}
const requests: { method: string; path: string; type?: string; body?: unknown }[] = [
  { method: 'POST', path: '/v1/jobs', body: job },
  { method: 'POST', path: '/v1/jobs', body: { kind: 'batch', tasks: [job, job] } },
  { method: 'POST', path: '/v1/jobs', body: { kind: 'infer', model: 'm', inputs: job.inputs } },
  { method: 'POST', path: '/v1/jobs', body: { kind: 'ocr', body: { image: 'AAAA' } } },
  { method: 'POST', path: '/v1/jobs', body: { kind: 'embeddings', body: { input: ['a'], model: 'm' } } },
  { method: 'POST', path: '/v1/embeddings', body: { input: ['a'], model: 'm', encoding_format: 'base64' } },
  { method: 'POST', path: '/v1/ocr', body: { image: 'AAAA' } },
  { method: 'POST', path: '/v1/ocr', type: 'image/png', body: 'PNG' },
  { method: 'POST', path: '/v2/models/m/infer', body: { inputs: job.inputs, outputs: [{ name: 'y' }] } },
  { method: 'POST', path: '/blobs', type: 'application/octet-stream', body: 'bytes' },
  { method: 'POST', path: '/admin/keys', body: { name: 'n', limit: '1' } },
  {
    method: 'GET',
    path: '/v1/accounts/0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed/receipts?limit=5&cursor=rcpt_1_1',
  },
  { method: 'GET', path: '/v1/receipts/rcpt_6bk_mh35?format=tlog-proof' },
  { method: 'GET', path: '/v1/jobs/job_1_abcdefghijklmnopqrst' },
  { method: 'DELETE', path: '/v1/jobs/job_1_abcdefghijklmnopqrst' },
  { method: 'GET', path: '/log/tile/entries/000.p/3' },
  { method: 'GET', path: '/log/tile/1/x001/067' },
  { method: 'GET', path: '/blobs/ababababababababababababababababababababababababababababababab12' },
]

/** A request with a spoiled body or path; throws when the answer is not a named error or a success. */
async function spoiledRequest(relayUrl: string, draw: Draw): Promise<void> {
  const { method, path, type = 'application/json', body } = draw.of(requests)
  const place =
    draw.below(3) === 0 || body === undefined
      ? path + String.fromCharCode(...draw.bytes(3).map((byte) => 33 + (byte % 90)))
      : path
  const whole = body === undefined ? undefined : draw.spoil(textBytes(body))
  const answer = await fetch(new URL(place, relayUrl), {
    method,
    headers: whole ? { 'content-type': draw.below(10) === 0 ? 'text/plain' : type } : {},
    ...(whole && method !== 'GET' ? { body: whole } : {}),
  })
  const text = await answer.text()
  if (answer.status < 400) return
  const said: unknown = JSON.parse(text)
  const code = (said as { error?: { code?: string } }).error?.code ?? ''
  if (answer.status >= 500 || !isErrorCode(code)) {
    throw new Error(
      `${method} ${place} with ${whole ? Buffer.from(whole).toString('latin1') : 'no body'} was answered ${answer.status} ${text}`,
    )
  }
}

/** Holds leases of a job and hands in forged, spoiled and wrong frames for them; an honest tab then does the work. */
async function forgedJob(relayUrl: string, draw: Draw, thief: string): Promise<void> {
  let arrived: (leases: readonly Lease[]) => void = () => {}
  const first = new Promise<readonly Lease[]>((resolve) => {
    arrived = resolve
  })
  const cheat = new SimulatedTab({ relayUrl, address: thief, work: (leases) => arrived(leases), slots: 1 })
  await cheat.greeted
  const submitted = await fetch(`${relayUrl}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      kind: 'kernel',
      kernel: 'matmul-i8',
      shape: { m: 2, k: 2, n: 2 },
      seed: draw.below(1e6),
    }),
  })
  const { id } = (await submitted.json()) as { id: string }
  const [lease] = await first
  const right = computeLease(lease!)
  const frames: Uint8Array[] = [
    encodeResults([{ ...right, generation: (right.generation + 1 + draw.below(1000)) >>> 0 }]),
    encodeResults([{ ...right, task: right.task + 1 + draw.below(10_000) }]),
    encodeResults([{ ...right, outputs: [] }]),
  ]
  for (const frame of frames.slice(0, 2 + draw.below(2))) cheat.socket.send(frame)
  const spoiled = encodeResults([right])
  // The product itself is changed, so that nothing that passes is right.
  spoiled[spoiled.length - 1 - draw.below(16)]! ^= 1 << draw.below(8)
  cheat.socket.send(spoiled)
  cheat.socket.close(1000)
  await cheat.closed
  const honest = new SimulatedTab({ relayUrl, address: addressOf(0xbeef) })
  const events = await (await fetch(`${relayUrl}/v1/jobs/${id}/events`)).text()
  honest.leave()
  await honest.closed
  if (!events.includes('"state":"done"')) throw new Error(`${id} did not end done: ${events.slice(-300)}`)
}

async function inParallel(count: number, lanes: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

/** Every hostile ONNX file is refused by name, and so is each with some bytes changed, or it imports. */
export async function hostileFiles(rounds: number, seed = 1): Promise<number> {
  const draw = new Draw(seed)
  const dataFolder = mkdtempSync(join(tmpdir(), 'opentab-hostile-'))
  let refused = 0
  for (let round = 0; round < rounds; round++) {
    for (const { name, bytes } of hostileModels) {
      const whole = bytes()
      // Large ones are made once: changing a byte of megabytes finds little.
      if (round > 0 && whole.byteLength > 100_000) continue
      try {
        await importOnnxBytes(round === 0 ? whole : draw.spoil(whole), {
          dataFolder,
          name: 'hostile',
          replace: true,
          source: 'fuzz',
        })
        if (round === 0) throw new Error(`the hostile file "${name}" was imported`)
      } catch (error) {
        if (!(error instanceof OpentabError)) throw error
        refused++
      }
    }
  }
  rmSync(dataFolder, { recursive: true, force: true })
  return refused
}

/**
 * Sends a running relay forged and spoiled frames and bodies.
 * @throws Error when an answer or a close has no name, the relay falls over, or an attacker gets a credit
 */
export async function fuzzRelay(scale: number, seed = Date.now()): Promise<void> {
  const draw = new Draw(seed)
  const dataFolder = mkdtempSync(join(tmpdir(), 'opentab-fuzz-'))
  const relay = await createRelay(
    readConfig({ OPENTAB_PORT: '0', OPENTAB_DATA: dataFolder, OPENTAB_QUEUE_WAIT_MS: '1000' }),
    {
      onFailure: (error) => {
        throw error
      },
    },
  )
  const closes = new Map<string, number>()
  let thieves = 0
  try {
    await inParallel(Math.round(CONNECTIONS * scale), 8, async (n) => {
      const code = await spoiledConnection(relay.url, draw, addressOf(0x10_0000 + n))
      const name =
        closeReasonOf(code) ??
        (code === 1000 || code === 1005 || LAYER_CLOSES.includes(code) ? String(code) : undefined)
      if (name === undefined) throw new Error(`a connection was closed with ${code}`)
      closes.set(name, (closes.get(name) ?? 0) + 1)
      if (n % 1000 === 999) console.log(`fuzz: ${n + 1} connections`)
    })
    await inParallel(Math.round(REQUESTS * scale), 8, async (n) => {
      await spoiledRequest(relay.url, draw)
      if (n % 1000 === 999) console.log(`fuzz: ${n + 1} requests`)
    })
    // Jobs that were taken by chance would be leased to the cheats below.
    for (let n = 0; n < Math.round(FORGED_JOBS * scale); n++)
      await forgedJob(relay.url, draw, addressOf(0x20_0000 + thieves++))
    const { status } = await fetch(`${relay.url}/readyz`)
    if (status !== 200) throw new Error(`/readyz says ${status}`)
  } finally {
    await relay.close()
  }
  const audit = await auditData(dataFolder)
  rmSync(dataFolder, { recursive: true, force: true })
  const paid = [...audit.credits].filter(([address, credit]) => credit > 0 && BigInt(address) !== 0xbeefn)
  if (paid.length > 0) throw new Error(`attackers were paid: ${paid.join('; ')} (seed ${seed})`)
  console.log(
    `fuzz: closes ${JSON.stringify(Object.fromEntries(closes))}; ${thieves} forged jobs done by others, 0 credits to attackers; relay up; seed ${seed}`,
  )
}

export default async function run({ scale = 1 }: { scale?: number } = {}): Promise<void> {
  await fuzzRelay(scale)
  const rounds = Math.max(1, Math.round(100 * scale))
  console.log(
    `fuzz: ${await hostileFiles(rounds)} refusals of ${hostileModels.length} hostile ONNX files and their variations`,
  )
}
