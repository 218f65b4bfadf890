import WebSocket from 'ws'
import { decodeLeases, encodeResults } from '../protocol/frames.ts'
import { PROTOCOL_VERSION } from '../protocol/limits.ts'
import {
  decodeFromRelay,
  encodeMessage,
  type FromRelay,
  type FromTab,
  type VerdictItem,
} from '../protocol/messages.ts'
import { seededFloat32, seededInt8 } from '../protocol/seededInputs.ts'
import type { KernelTask, Lease, TaskResult } from '../protocol/task.ts'
import { elementsOf, type Tensor, tensorOf } from '../protocol/tensor.ts'

/** What a simulated tab does with leases; `defaultWork` computes them rightly and at once. */
export type Work = (leases: readonly Lease[], tab: SimulatedTab) => void

export interface SimulatedTabOptions {
  /** `http://127.0.0.1:8787` */
  relayUrl: string
  address: string
  slots?: number
  kernels?: string[]
  /** Manifest hashes it claims to hold. */
  ready?: string[]
  /** Runs of language models' stages that it claims to hold: [manifest hash, first, last]. */
  ranges?: [string, number, number][]
  /** Bytes of memory for language models; none unless said. */
  memoryBytes?: number
  /** Bytes of models that it stores; none unless said. */
  storageBytes?: number
  resume?: string
  work?: Work
  onVerdicts?: (items: VerdictItem[]) => void
  onMessage?: (message: FromRelay) => void
  features?: string[]
  headers?: Record<string, string>
}

/** A tab without a browser: speaks the protocol over a real socket, computes kernels in plain TypeScript. */
export class SimulatedTab {
  readonly socket: WebSocket
  readonly options: SimulatedTabOptions
  readonly greeted: Promise<Extract<FromRelay, { type: 'welcome' }>>
  /** Resolves with the close code. */
  readonly closed: Promise<number>
  /** Error that the relay sent before it closed. */
  error: { code: string; message: string } | null = null
  id = ''
  resume = ''

  constructor(options: SimulatedTabOptions) {
    this.options = options
    this.socket = new WebSocket(`${options.relayUrl.replace(/^http/, 'ws')}/tab`, {
      perMessageDeflate: false,
      headers: options.headers,
    })
    this.socket.binaryType = 'nodebuffer'
    let greet: (welcome: Extract<FromRelay, { type: 'welcome' }>) => void
    this.greeted = new Promise((resolve, reject) => {
      greet = resolve
      this.socket.once('close', (code) => reject(new Error(`closed with ${code} before the welcome`)))
      this.socket.once('error', reject)
    })
    this.greeted.catch(() => {})
    this.closed = new Promise((resolve) => this.socket.once('close', resolve))
    this.socket.on('error', () => {})
    this.socket.on('open', () => this.send(helloOf(options)))
    this.socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) {
        const leases = decodeLeases(data)
        const work = options.work ?? defaultWork
        work(leases, this)
        return
      }
      // The relay of a benchmark is our own; validating its verdicts would cost the load generator more than the work.
      const text = data.toString('utf8')
      const message = text.startsWith('{"type":"verdicts"')
        ? (JSON.parse(text) as FromRelay)
        : decodeFromRelay(text)
      if (message.type === 'welcome') {
        this.id = message.tab
        this.resume = message.resume
        greet(message)
      } else if (message.type === 'verdicts') options.onVerdicts?.(message.items)
      else if (message.type === 'error') this.error = message
      options.onMessage?.(message)
    })
  }

  send(message: FromTab): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(encodeMessage(message))
  }

  sendResults(results: readonly TaskResult[]): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(encodeResults(results))
  }

  /** Says goodbye and closes. */
  leave(): void {
    this.send({ type: 'leaving' })
    this.socket.close()
  }

  /** Is gone without a word. */
  vanish(): void {
    this.socket.terminate()
  }
}

const helloOf = (options: SimulatedTabOptions): FromTab => ({
  type: 'hello',
  version: PROTOCOL_VERSION,
  address: options.address,
  ...(options.resume === undefined ? {} : { resume: options.resume }),
  device: {
    vendor: 'simulated',
    architecture: 'plain',
    description: '',
    browserMajor: 1,
    features: options.features ?? [],
    fallbackAdapter: true,
    webgpu: true,
    onnxBackend: 'wasm',
    wasmThreads: 1,
    probe: { wasmMs: null, webgpuMs: null },
  },
  kernels: options.kernels ?? ['matmul-i8', 'matmul-f32'],
  ready: options.ready ?? [],
  slots: options.slots ?? 64,
  storageBytes: options.storageBytes ?? 0,
  ...(options.ranges === undefined ? {} : { ranges: options.ranges }),
  ...(options.memoryBytes === undefined ? {} : { memoryBytes: options.memoryBytes }),
})

/** Answers every lease at once, rightly. */
export const defaultWork: Work = (leases, tab) => {
  tab.sendResults(leases.map(computeLease))
}

/** The right result of a kernel lease. */
export function computeLease({ task, generation, spec }: Lease): TaskResult {
  if (spec.kind !== 'kernel') throw new Error(`a simulated tab cannot run ${spec.kind} tasks`)
  return { task, generation, computeMicros: 1, outputs: [multiply(spec)] }
}

function multiply({ kernel, shape: { m, k, n }, seed, inputs }: KernelTask): Tensor {
  const whole = kernel === 'matmul-i8'
  const read = (input: number, count: number) =>
    seed === null
      ? (elementsOf(inputs[input]!) as Int8Array)
      : (whole ? seededInt8 : seededFloat32)(seed, input, count)
  const a = read(0, m * k)
  const b = read(1, k * n)
  const c = whole ? new Int32Array(m * n) : new Float32Array(m * n)
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0
      for (let t = 0; t < k; t++) sum += a[i * k + t]! * b[t * n + j]!
      c[i * n + j] = sum
    }
  }
  return tensorOf('c', whole ? 'INT32' : 'FP32', [m, n], c)
}
