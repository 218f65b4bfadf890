import type { SimulatedTab } from '../../bench/simulatedTab.ts'
import { blobsFolderOf, writeBlob } from '../../models/blobStore.ts'
import { writeManifest } from '../../models/manifestStore.ts'
import { finishCodes, type GenerateOptions, optionsOf } from '../../protocol/generation.ts'
import type { ServedModel } from '../../protocol/manifest.ts'
import type { Lease } from '../../protocol/task.ts'
import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import type { TextTokenizer } from '../../protocol/text/textTokenizer.ts'
import { FixtureRelay, newDataFolder } from '../fixtureRelay.ts'
import { ALICE } from '../placement/fakeTab.ts'
import { type FixtureLanguageOptions, fixtureLanguage } from './fixtureLanguage.ts'

/** What a talking tab is asked, as text. */
export interface Asked {
  prompt: string
  options: GenerateOptions
}

/** What it says: piece by piece, as it comes. */
export type Say = (asked: Asked) => Iterable<string> | AsyncIterable<string>

/** A relay that serves a language model without weights, whose tabs say what the test tells them to. */
export class FixtureChatRelay {
  readonly relay: FixtureRelay
  readonly model: ServedModel
  readonly tokenizer: TextTokenizer
  /** Everything that the tabs were asked. */
  readonly asked: Asked[] = []
  /** Leases that the relay took back, by their name. */
  readonly cancelled: string[] = []
  readonly #heard = new Set<() => void>()

  private constructor(relay: FixtureRelay, model: ServedModel, tokenizer: TextTokenizer) {
    this.relay = relay
    this.model = model
    this.tokenizer = tokenizer
  }

  static async open(
    options: FixtureLanguageOptions = {},
    settings: Record<string, string> = {},
  ): Promise<FixtureChatRelay> {
    const DATA = newDataFolder()
    const { model, tokenizer, files } = fixtureLanguage(options)
    for (const [sha256, bytes] of files)
      await writeBlob(blobsFolderOf(DATA), { sha256, bytes: bytes.byteLength }, [bytes])
    const written = await writeManifest(DATA, model.manifest)
    const relay = await FixtureRelay.open({ DATA, ...settings }, { bench: { checks: false } })
    return new FixtureChatRelay(relay, written, tokenizer)
  }

  get url(): string {
    return this.relay.url
  }

  /** A tab that holds the model whole. */
  tab(say: Say, address = ALICE): Promise<SimulatedTab> {
    const last = this.model.manifest.language!.stages.length - 1
    return this.relay.tab(address, {
      kernels: [],
      ready: [this.model.hash],
      ranges: [[this.model.hash, 0, last]],
      memoryBytes: 1e9,
      slots: 8,
      work: (leases, tab) => {
        for (const lease of leases) void this.#answer(lease, tab, say)
      },
      onMessage: (message) => {
        if (message.type !== 'cancel') return
        for (const lease of message.leases) this.cancelled.push(String(lease))
        for (const heard of [...this.#heard]) heard()
      },
    })
  }

  /** Resolves when the relay has taken so many leases back. */
  untilCancelled(count: number): Promise<void> {
    return this.#until(() => this.cancelled.length >= count)
  }

  /** Resolves when tabs were asked so many times for something like this. */
  untilAsked(pleases: (asked: Asked) => boolean, count = 1): Promise<void> {
    return this.#until(() => this.asked.filter(pleases).length >= count)
  }

  #until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) return
        this.#heard.delete(look)
        resolve()
      }
      this.#heard.add(look)
      look()
    })
  }

  async #answer({ task, generation, spec }: Lease, tab: SimulatedTab, say: Say): Promise<void> {
    if (spec.kind !== 'generate') throw new Error(`a talking tab runs no ${spec.kind} tasks`)
    const options = optionsOf(spec.inputs)
    const prompt = this.tokenizer.decode(idsOf(spec.inputs, 'prompt'))
    const asked = { prompt, options }
    this.asked.push(asked)
    for (const heard of [...this.#heard]) heard()
    const ids = idsOf(spec.inputs, 'given')
    const logprobs: [number, [number, number][]][] = ids.map(() => [Number.NaN, []])
    let isFull = false
    for await (const piece of say(asked)) {
      if (this.cancelled.includes(`${task},${generation}`)) return
      const more = this.tokenizer.encode(piece).slice(0, options.maxTokens - ids.length)
      const theirs = more.map((id): [number, [number, number][]] => [
        -0.25,
        top(id, options.topLogprobs ?? 0),
      ])
      if (more.length > 0) {
        tab.send({
          type: 'tokens',
          task,
          generation,
          from: ids.length,
          ids: more,
          ...(options.topLogprobs === null ? {} : { logprobs: theirs }),
        })
      }
      ids.push(...more)
      logprobs.push(...theirs)
      isFull = ids.length >= options.maxTokens
      if (isFull) break
    }
    if (this.cancelled.includes(`${task},${generation}`)) return
    const outputs = [
      tensorOf('ids', 'INT32', [ids.length], Int32Array.from(ids)),
      tensorOf('finish', 'INT32', [1], Int32Array.of(isFull ? finishCodes.length : finishCodes.stop)),
      ...logprobTensors(logprobs, options.topLogprobs),
      tensorOf('cached', 'INT32', [1], Int32Array.of(2)),
    ]
    tab.sendResults([{ task, generation, computeMicros: 1, outputs }])
  }

  close(): Promise<void> {
    return this.relay.close()
  }
}

const idsOf = (tensors: readonly Tensor[], name: string): number[] => [
  ...(elementsOf(tensors.find((tensor) => tensor.name === name)!) as Int32Array),
]

const top = (id: number, count: number): [number, number][] =>
  Array.from({ length: count }, (_, rank): [number, number] => [rank === 0 ? id : rank, -0.25 - rank])

function logprobTensors(logprobs: readonly [number, [number, number][]][], count: number | null): Tensor[] {
  if (count === null) return []
  const tops = logprobs.flatMap(([, alternatives]) => alternatives)
  return [
    tensorOf(
      'logprobs',
      'FP32',
      [logprobs.length],
      Float32Array.from(logprobs, ([own]) => own),
    ),
    tensorOf(
      'top_ids',
      'INT32',
      [logprobs.length, count],
      Int32Array.from(tops, ([id]) => id),
    ),
    tensorOf(
      'top_logprobs',
      'FP32',
      [logprobs.length, count],
      Float32Array.from(tops, ([, value]) => value),
    ),
  ]
}
