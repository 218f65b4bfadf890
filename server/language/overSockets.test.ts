import { hash } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { SimulatedLanguageTab, type SimulatedLanguageTabOptions } from '../../bench/simulatedLanguageTab.ts'
import { blobsFolderOf, writeBlob } from '../../models/blobStore.ts'
import { tinyTokenizerFiles } from '../../models/language/tiny/tinyTokenizer.ts'
import { deleteManifest, writeManifest } from '../../models/manifestStore.ts'
import { loadTokenizer } from '../../protocol/text/loadTokenizer.ts'
import { FixtureRelay, newDataFolder } from '../fixtureRelay.ts'
import type { ServedLanguageModel } from '../placement/assignModels.ts'
import { ALICE, BOB, CAROL } from '../placement/fakeTab.ts'
import { type FakeModelSizes, fakeAnswer, fakeModel, fakeOptions } from './fakeLanguage.ts'

const ADDRESSES = [ALICE, BOB, CAROL]
const PROMPT = Array.from({ length: 70 }, (_, i) => i + 10)
const json = JSON.stringify(tinyTokenizerFiles().tokenizer)
const tokenizer = loadTokenizer(json)
const STAGE_BYTES = 30_000_000
/** Memory of a tab for so many stages. */
const memoryFor = (stages: number): number => Math.ceil((stages * STAGE_BYTES) / 0.75) + 1

/** A relay that serves a fake model of three stages, over real sockets. */
class Served {
  readonly tabs: SimulatedLanguageTab[] = []
  relay: FixtureRelay
  readonly model: ServedLanguageModel

  private constructor(relay: FixtureRelay, model: ServedLanguageModel) {
    this.relay = relay
    this.model = model
  }

  static async open(sizes: FakeModelSizes = {}, settings: Record<string, string> = {}): Promise<Served> {
    const DATA = newDataFolder()
    const bytes = new TextEncoder().encode(json)
    const tokenizerShard = { sha256: hash('sha256', bytes, 'hex'), bytes: bytes.byteLength }
    await writeBlob(blobsFolderOf(DATA), tokenizerShard, [bytes])
    const { manifest } = fakeModel({
      stageBytes: STAGE_BYTES,
      contextTokens: 512,
      vocabulary: tokenizer.vocabulary,
      ...sizes,
    })
    const language = { ...manifest.language, tokenizer: tokenizerShard }
    for (const { graph, weights } of language.stages)
      for (const shard of [graph, weights]) {
        const content = new Uint8Array(shard.bytes).fill(shard.sha256.charCodeAt(0))
        Object.assign(shard, { sha256: hash('sha256', content, 'hex') })
        await writeBlob(blobsFolderOf(DATA), shard, [content])
      }
    const model = (await writeManifest(DATA, { ...manifest, language })) as ServedLanguageModel
    const relay = await FixtureRelay.open(
      { DATA, QUEUE_WAIT_MS: '5000', ...settings },
      { bench: { checks: false } },
    )
    return new Served(relay, model)
  }

  async tab(
    stages: number,
    options: Partial<SimulatedLanguageTabOptions> = {},
  ): Promise<SimulatedLanguageTab> {
    const tab = new SimulatedLanguageTab({
      relayUrl: this.relay.url,
      address: ADDRESSES[this.tabs.length % 3]!,
      model: this.model,
      memoryBytes: memoryFor(stages),
      storageBytes: 1e9,
      ...options,
    })
    this.tabs.push(tab)
    await tab.greeted
    return tab
  }

  async ready(tabs: number): Promise<void> {
    const { id } = this.model.manifest
    await this.relay.until(`/v1/models/${id}`, ({ json }) => json.opentab.ready && json.opentab.tabs === tabs)
  }

  /** What the model says to the prompt. */
  text(maxTokens: number): string {
    return tokenizer.decode(fakeAnswer(this.model, PROMPT, fakeOptions(maxTokens, { endTokens: [0] })).ids)
  }

  body = (maxTokens: number, more: object = {}): object => ({
    model: this.model.manifest.id,
    prompt: PROMPT,
    max_tokens: maxTokens,
    temperature: 0,
    // The fake model goes by the seed's lower half.
    seed: 2 ** 32 + 2,
    ...more,
  })

  /** The pieces of a streamed completion as they come. */
  async *stream(maxTokens: number, signal?: AbortSignal): AsyncGenerator<{ text: string; data: string }> {
    const answer = await fetch(`${this.relay.url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(this.body(maxTokens, { stream: true })),
      signal: signal ?? null,
    })
    let rest = ''
    const decoder = new TextDecoder()
    for await (const chunk of answer.body!) {
      rest += decoder.decode(chunk, { stream: true })
      const events = rest.split('\n\n')
      rest = events.pop()!
      for (const event of events) {
        if (!event.startsWith('data: ') || event === 'data: [DONE]') continue
        const data = event.slice('data: '.length)
        yield { text: JSON.parse(data).choices?.[0]?.text ?? '', data }
      }
    }
  }
}

let served: Served | null = null
const open = async (...options: Parameters<typeof Served.open>): Promise<Served> => {
  served = await Served.open(...options)
  return served
}
afterEach(async () => {
  for (const tab of served?.tabs ?? []) tab.vanish()
  await served?.relay.close()
  served = null
})

describe('a language model over real sockets', () => {
  it('[K9] is asked of tabs by their memory, and answers over the ring that they make', async () => {
    const world = await open()
    for (let i = 0; i < 3; i++) await world.tab(1)
    await world.ready(3)
    expect(world.tabs.map(({ run }) => run)).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ])
    const { status, json } = await world.relay.post('/v1/completions', world.body(12))
    expect([status, json.choices[0].text]).toEqual([200, world.text(12)])
    expect(json.usage).toMatchObject({ prompt_tokens: 70, completion_tokens: 12 })
    const { json: network } = await world.relay.get('/v1/network')
    expect(network.models[0]).toMatchObject({ tabs: 3, ready: true })
    for (const address of ADDRESSES) {
      const { json: account } = await world.relay.get(`/v1/accounts/${address}`)
      expect(Number(account.credits.pending) + Number(account.credits.settled)).toBeGreaterThan(0)
    }
  })

  it('[S3] the text is unchanged when the middle tab is killed in mid-answer, five times', async () => {
    const world = await open()
    await world.tab(1)
    let middle = await world.tab(1)
    await world.tab(1)
    await world.ready(3)
    let text = ''
    let pieces = 0
    for await (const piece of world.stream(60)) {
      text += piece.text
      if (++pieces % 8 !== 0 || pieces > 40) continue
      middle.vanish()
      middle = await world.tab(1)
    }
    expect(pieces).toBeGreaterThan(40)
    expect(text).toBe(world.text(60))
  }, 60_000)

  it('[G4] the text is unchanged when the tab that makes it whole is killed', async () => {
    const world = await open()
    const first = await world.tab(3)
    await world.ready(1)
    let text = ''
    let pieces = 0
    for await (const piece of world.stream(40)) {
      text += piece.text
      if (++pieces !== 5) continue
      first.vanish()
      await world.tab(3)
    }
    expect(text).toBe(world.text(40))
  }, 60_000)

  it.each([
    [1, 'whole in one tab'],
    [3, 'over a ring'],
  ])('[X2] a requester who leaves frees %i tab(s) within a token: %s', async (tabs) => {
    const world = await open()
    for (let i = 0; i < tabs; i++) await world.tab(3 / tabs, { stageMs: 5 })
    await world.ready(tabs)
    const leave = new AbortController()
    let pieces = 0
    const reading = (async () => {
      for await (const _ of world.stream(400, leave.signal)) if (++pieces === 3) leave.abort()
    })()
    await expect(reading).rejects.toThrow()
    await world.relay.until('/v1/network', ({ json }) => json.queue.leased === 0 && json.queue.queued === 0)
    const rows = world.tabs.map(({ runner }) => runner.rows)
    const { status } = await world.relay.post('/v1/completions', world.body(2))
    expect(status).toBe(200)
    expect(rows.every((count) => count < 100)).toBe(true)
  })

  it('a model that is removed in mid-answer ends it at once, and says so', async () => {
    const world = await open()
    await world.tab(3, { stageMs: 5 })
    await world.ready(1)
    let last = ''
    let removed: Promise<unknown> | null = null
    for await (const { data } of world.stream(400)) {
      last = data
      removed ??= deleteManifest(world.relay.config.DATA, world.model.manifest.id).then(() =>
        world.relay.admin('POST', '/admin/models/refresh', {}),
      )
    }
    await removed
    expect(JSON.parse(last).error).toMatchObject({ code: 'model_not_found' })
    const { json } = await world.relay.get('/v1/network')
    expect(json.queue).toMatchObject({ leased: 0, queued: 0 })
  })

  it('a relay that ends in mid-answer says so, and costs nothing', async () => {
    const world = await open()
    for (let i = 0; i < 3; i++) await world.tab(1, { stageMs: 2 })
    await world.ready(3)
    let last = ''
    let closing: Promise<void> | null = null
    for await (const { data } of world.stream(400)) {
      last = data
      closing ??= world.relay.close({ keepData: true })
    }
    await closing
    expect(JSON.parse(last).error).toMatchObject({ code: 'draining' })
    const again = await FixtureRelay.open({ DATA: world.relay.config.DATA })
    const metrics = await again.get('/metrics')
    expect(metrics.text).toContain('opentab_ledger_sum 0')
    const { text: vkey } = await again.get('/log/vkey')
    expect(vkey).not.toBe('')
    world.relay = again
  }, 30_000)
})
