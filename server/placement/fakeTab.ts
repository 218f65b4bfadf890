import type {
  DeviceReport,
  FailedLoad,
  FromRelay,
  FromTab,
  Hello,
  VerdictItem,
} from '../../protocol/messages.ts'
import type { Lease, TaskResult } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { Core } from '../core.ts'
import { acceptResults } from '../jobs/acceptResult.ts'
import { rightOutputs, wrongOutputs } from '../verify/stubChecker.ts'
import type { Tab, TabLink } from './tab.ts'
import { cutTab, greetTab, hearTab } from './tabRegistry.ts'

export interface FakeTabOptions {
  address?: string
  kernels?: string[]
  ready?: string[]
  slots?: number
  storageBytes?: number
  resume?: string
  features?: string[]
  /** Runs of language models' stages: [manifest hash, first, last]. */
  ranges?: [string, number, number][]
  memoryBytes?: number
  /** Models that it could not load. */
  failed?: FailedLoad[]
}

export const fakeDevice: DeviceReport = {
  vendor: 'google',
  architecture: 'swiftshader',
  description: '',
  browserMajor: 156,
  features: [],
  fallbackAdapter: true,
  webgpu: true,
  onnxBackend: 'wasm',
  wasmThreads: 2,
  probe: { wasmMs: null, webgpuMs: null },
}

/** Addresses of contributors, in EIP-55 form. */
export const ALICE = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
export const BOB = '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359'
export const CAROL = '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB'

/** A tab without a socket: it collects what the core sends, and says what it is told to say. */
export class FakeTab implements TabLink {
  readonly core: Core
  readonly tab: Tab
  readonly resumed: boolean
  /** Leases that came and were not answered. */
  hand: Lease[] = []
  readonly messages: FromRelay[] = []
  readonly closes: string[] = []
  /** Sizes of the lease frames that came. */
  readonly frames: number[] = []
  /** What `bufferedBytes` gives. */
  waitingBytes = 0

  constructor(core: Core, options: FakeTabOptions = {}) {
    this.core = core
    const hello: Hello = {
      type: 'hello',
      version: 1,
      address: options.address ?? ALICE,
      ...(options.resume === undefined ? {} : { resume: options.resume }),
      device: { ...fakeDevice, features: options.features ?? [] },
      kernels: options.kernels ?? ['matmul-i8'],
      ready: options.ready ?? [],
      slots: options.slots ?? 64,
      storageBytes: options.storageBytes ?? 0,
      ranges: options.ranges ?? [],
      memoryBytes: options.memoryBytes ?? 0,
      failed: options.failed ?? [],
    }
    const greeted = greetTab(core, hello, hello.address, this)
    this.tab = greeted.tab
    this.resumed = greeted.resumed
  }

  leases(leases: readonly Lease[]): void {
    this.hand.push(...leases)
    this.frames.push(leases.length)
  }

  message(message: FromRelay): void {
    this.messages.push(message)
    if (message.type !== 'cancel') return
    const cancelled = new Set(message.leases.map(String))
    this.hand = this.hand.filter(({ task, generation }) => !cancelled.has(`${task},${generation}`))
  }

  bufferedBytes(): number {
    return this.waitingBytes
  }

  close(reason: string): void {
    this.closes.push(reason)
  }

  say(message: Exclude<FromTab, Hello>): void {
    hearTab(this.core, this.tab, message)
  }

  /** Sends these results in one frame. */
  results(...results: TaskResult[]): void {
    acceptResults(this.core, this.tab, results)
  }

  /** Answers leases, all in hand unless given, rightly unless told otherwise. */
  answer(
    leases: readonly Lease[] = this.hand,
    outputs: (lease: Lease) => Tensor[] = ({ spec }) => rightOutputs(spec),
  ): void {
    const answered = [...leases]
    this.hand = this.hand.filter((lease) => !answered.includes(lease))
    if (answered.length > 0) this.results(...answered.map((lease) => resultOf(lease, outputs(lease))))
  }

  answerWrongly(leases: readonly Lease[] = this.hand): void {
    this.answer(leases, wrongOutputs)
  }

  fail(lease: Lease = this.hand[0]!): void {
    this.hand = this.hand.filter((other) => other !== lease)
    const { task, generation } = lease
    this.say({
      type: 'failed',
      task,
      generation,
      code: 'kernel_failed',
      message: 'It does not compile here.',
    })
  }

  handBack(
    reason: 'stop' | 'pause' | 'device-lost' | 'not-ready',
    leases: readonly Lease[] = this.hand,
  ): void {
    this.say({ type: 'handback', leases: leases.map(({ task, generation }) => [task, generation]), reason })
    this.hand = this.hand.filter((lease) => !leases.includes(lease))
  }

  heartbeat(leases: readonly Lease[] = this.hand): void {
    this.say({ type: 'heartbeat', leases: leases.map(({ task, generation }) => [task, generation]) })
  }

  /** The socket is gone. */
  cut(): void {
    cutTab(this.core, this.tab, this)
  }

  /** Verdicts that wait to be sent to it. */
  get verdicts(): VerdictItem[] {
    return this.tab.verdicts
  }

  messagesOf<T extends FromRelay['type']>(type: T): Extract<FromRelay, { type: T }>[] {
    return this.messages.filter(
      (message): message is Extract<FromRelay, { type: T }> => message.type === type,
    )
  }
}

/** A result frame's item for a lease. */
export const resultOf = (
  { task, generation, spec }: Lease,
  outputs: Tensor[] = rightOutputs(spec),
): TaskResult => ({
  task,
  generation,
  computeMicros: 1,
  outputs,
})
