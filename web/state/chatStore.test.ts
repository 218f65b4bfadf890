import { expect, it } from 'vitest'
import { MAX_CHARACTERS, readHistory, titleOf, tokensPerSecond, writeHistory } from './chatHistory.ts'
import { createChatStore } from './chatStore.ts'

const chunk = (delta: object, rest: object = {}, more: object = {}): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, ...rest }], ...more })}\n\n`

/** A store over a relay whose answer the test writes. */
function setUp(kept: Record<string, string> | Map<string, string> = {}) {
  const stored = kept instanceof Map ? kept : new Map(Object.entries(kept))
  const asked: { body: Record<string, unknown>; headers: Record<string, string>; signal: AbortSignal }[] = []
  let writer: ReadableStreamDefaultController<Uint8Array> | null = null
  let refusal: Response | null = null
  const time = { now: 1000 }
  let id = 0
  const store = createChatStore({
    fetch: async (_input, init) => {
      const signal = init!.signal!
      asked.push({
        body: JSON.parse(String(init!.body)),
        headers: init!.headers as Record<string, string>,
        signal,
      })
      if (refusal) return refusal
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          writer = controller
          signal.addEventListener('abort', () => controller.error(signal.reason))
        },
      })
      return new Response(body)
    },
    storage: { get: (key) => stored.get(key) ?? null, set: (key, value) => stored.set(key, value) },
    now: () => time.now,
    newId: () => `c${++id}`,
  })
  store.change({ model: 'lm' })
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  return {
    store,
    asked,
    stored,
    time,
    refuse: (response: Response) => {
      refusal = response
    },
    /** The relay writes, and the store has read it. */
    async write(text: string) {
      await turn()
      writer?.enqueue(new TextEncoder().encode(text))
      await turn()
    },
  }
}

const last = (store: ReturnType<typeof createChatStore>) => store.current.value.messages.at(-1)

it('streams an answer, measures it, and remembers the conversation for the next visit', async () => {
  const { store, asked, stored, time, write } = setUp()
  const sent = store.send('Hello')
  await write(chunk({ role: 'assistant', content: '' }))
  expect(store.writing.value).toBe(true)
  time.now = 1500
  await write(chunk({ content: 'Good ' }))
  time.now = 2500
  await write(chunk({ content: 'day' }))
  await write(chunk({}, { finish_reason: 'stop' }, { opentab: { receipts: ['rcpt_1'] } }))
  await write(
    `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 5 } })}\n\ndata: [DONE]\n\n`,
  )
  await sent
  expect(asked[0]!.body).toEqual({
    model: 'lm',
    messages: [{ role: 'user', content: 'Hello' }],
    stream: true,
    stream_options: { include_usage: true },
  })
  const message = last(store)
  expect(message).toMatchObject({
    role: 'assistant',
    text: 'Good day',
    facts: { state: 'done', reason: 'stop', firstMs: 500, writingMs: 1000, tokens: 5, receipts: ['rcpt_1'] },
  })
  if (message?.role === 'assistant') expect(tokensPerSecond(message.facts)).toBe(4)
  const [kept] = setUp(Object.fromEntries(stored)).store.conversations.value
  expect(kept!.messages).toHaveLength(2)
})

it('asks at a temperature that the person chose, also at the next visit, and else leaves it to the model', async () => {
  const before = setUp()
  before.store.change({ temperature: 0.3 })
  const { store, asked, write } = setUp(Object.fromEntries(before.stored))
  const sent = store.send('Hello')
  await write('data: [DONE]\n\n')
  await sent
  expect(asked[0]!.body).toMatchObject({ temperature: 0.3 })
})

it('tells the pace of the answer that is written, and none before or after', async () => {
  const { store, time, write } = setUp()
  const sent = store.send('Hello')
  for (let n = 0; n < 3; n++) await write(chunk({ content: 'a ' }))
  // Three pieces at one moment are no measure.
  expect(store.pace.value).toBeNull()
  time.now += 500
  await write(chunk({ content: 'b ' }))
  expect(store.pace.value).toBe(6)
  await write('data: [DONE]\n\n')
  await sent
  expect(store.pace.value).toBeNull()
})

it('sends the whole conversation, the instruction and the settings, and the key only as a header', async () => {
  const { store, asked, stored, write } = setUp()
  store.change({ system: 'Be brief.', temperature: 0, seed: 7, maxTokens: 20, apiKey: 'secret' })
  const first = store.send('One')
  await write(`${chunk({ content: 'A' })}data: [DONE]\n\n`)
  await first
  const second = store.send('Two')
  await write('data: [DONE]\n\n')
  await second
  expect(asked[1]!.body).toMatchObject({
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'One' },
      { role: 'assistant', content: 'A' },
      { role: 'user', content: 'Two' },
    ],
    temperature: 0,
    seed: 7,
    max_completion_tokens: 20,
  })
  expect(asked[1]!.headers.authorization).toBe('Bearer secret')
  expect([...stored.values()].join()).not.toContain('secret')
})

it('stops: what was written stays, and the relay hears of it', async () => {
  const { store, asked, write } = setUp()
  const sent = store.send('Hello')
  await write(chunk({ content: 'Half' }))
  store.stop()
  await sent
  expect(asked[0]!.signal.aborted).toBe(true)
  expect(last(store)).toMatchObject({ text: 'Half', facts: { state: 'stopped', trouble: null } })
  expect(store.writing.value).toBe(false)
})

it('asks again in place of the last answer', async () => {
  const { store, asked, write } = setUp()
  const first = store.send('Hello')
  await write(`${chunk({ content: 'A' })}data: [DONE]\n\n`)
  await first
  const again = store.regenerate()
  await write(`${chunk({ content: 'B' })}data: [DONE]\n\n`)
  await again
  expect(asked[1]!.body.messages).toEqual([{ role: 'user', content: 'Hello' }])
  expect(store.current.value.messages.map(({ text }) => text)).toEqual(['Hello', 'B'])
})

it('says what the relay says when it refuses, and what is known when it breaks off', async () => {
  const { store, refuse } = setUp()
  refuse(Response.json({ error: { message: 'No tab holds lm', code: 'no_tab_available' } }, { status: 503 }))
  await store.send('Hello')
  expect(last(store)).toMatchObject({ facts: { state: 'failed', trouble: 'No tab holds lm.' } })
})

it.each([
  ['', 'This relay wants an API key. Give it under Settings, “API key”.'],
  ['old', 'The relay does not take this API key. Give another one under Settings, “API key”.'],
])('names the field for the API key where the relay refuses the key %j', async (apiKey, words) => {
  const { store, refuse } = setUp()
  store.change({ apiKey })
  refuse(
    Response.json({ error: { message: 'No key. Send a header.', code: 'invalid_api_key' } }, { status: 401 }),
  )
  await store.send('Hello')
  expect(last(store)).toMatchObject({ facts: { state: 'failed', trouble: words } })
})

it('does nothing without a text or a model, nor twice at once', async () => {
  const { store, asked, write } = setUp()
  await store.send('  ')
  store.change({ model: null })
  await store.send('Hello')
  expect(asked).toEqual([])
  store.change({ model: 'lm' })
  const sent = store.send('Hello')
  await store.send('Too soon')
  await write('data: [DONE]\n\n')
  await sent
  expect(asked).toHaveLength(1)
})

it('begins anew, goes back to an earlier conversation, and removes one', async () => {
  const { store, write } = setUp()
  for (const text of ['One', 'Two']) {
    const sent = store.send(text)
    await write('data: [DONE]\n\n')
    await sent
    store.begin()
  }
  expect(store.current.value.messages).toEqual([])
  expect(store.conversations.value.map(titleOf)).toEqual(['Two', 'One'])
  store.open(store.conversations.value[1]!.id)
  expect(titleOf(store.current.value)).toBe('One')
  store.remove(store.current.value.id)
  expect(store.current.value.messages).toEqual([])
  expect(store.conversations.value.map(titleOf)).toEqual(['Two'])
})

it('opens on the conversation that changed last; a new one begins empty', async () => {
  const before = setUp()
  for (const text of ['One', 'Two']) {
    const sent = before.store.send(text)
    await before.write(`${chunk({ content: text })}data: [DONE]\n\n`)
    await sent
    before.store.begin()
    before.time.now += 1000
  }
  const { store } = setUp(Object.fromEntries(before.stored))
  expect(store.current.value.messages.map(({ text }) => text)).toEqual(['Two', 'Two'])
  store.begin()
  expect(store.current.value.messages).toEqual([])
})

it('keeps the question from the moment it is asked, and of the answer what there is when the page goes', async () => {
  const { store, stored, write } = setUp()
  const sent = store.send('Hello')
  await write(chunk({ content: 'Half' }))
  const reloaded = () => setUp(Object.fromEntries(stored)).store.current.value.messages
  expect(reloaded()).toMatchObject([{ text: 'Hello' }, { text: '', facts: { state: 'stopped' } }])
  store.keep()
  expect(reloaded()).toMatchObject([{ text: 'Hello' }, { text: 'Half', facts: { state: 'stopped' } }])
  store.stop()
  await sent
})

it('goes on with an earlier conversation with the model that it had', async () => {
  const { store, write } = setUp()
  const sent = store.send('Hello')
  await write(`${chunk({ content: 'A' })}data: [DONE]\n\n`)
  await sent
  const { id } = store.current.value
  store.begin()
  store.change({ model: 'other' })
  store.open(id)
  expect(store.settings.value.model).toBe('lm')
})

it('shares its conversations with another window: none writes the other’s away or brings back what it removed', async () => {
  const one = setUp()
  const say = async ({ store, write }: ReturnType<typeof setUp>, text: string) => {
    const sent = store.send(text)
    await write('data: [DONE]\n\n')
    await sent
  }
  await say(one, 'Removed')
  const two = setUp(one.stored)
  // Ids are random; here they count.
  for (let n = 0; n < 9; n++) two.store.begin()
  await say(two, 'Of two')
  one.store.reread()
  const gone = one.store.conversations.value.find((each) => titleOf(each) === 'Removed')!
  one.store.remove(gone.id)
  two.store.reread()
  one.store.begin()
  await say(one, 'Of one')
  two.store.reread()
  await say(two, 'Again of two')
  expect(readHistory(one.stored.get('opentab.chats')!).map(titleOf).toSorted()).toEqual(['Of one', 'Of two'])
})

it('keeps the answer that is written when another window writes', async () => {
  const one = setUp()
  const sent = one.store.send('Hello')
  await one.write(chunk({ content: 'Half' }))
  one.stored.set('opentab.chats', '[]')
  one.store.reread()
  expect(one.store.current.value.messages.at(-1)).toMatchObject({ text: 'Half', facts: { state: 'writing' } })
  await one.write('data: [DONE]\n\n')
  await sent
  expect(readHistory(one.stored.get('opentab.chats')!).map(titleOf)).toEqual(['Hello'])
})

it('does not bring a conversation back that is removed while its answer is written', async () => {
  const { store, stored, write } = setUp()
  const sent = store.send('Hello')
  await write(chunk({ content: 'Half' }))
  store.remove(store.current.value.id)
  await sent
  expect(store.conversations.value).toEqual([])
  expect(readHistory(stored.get('opentab.chats') ?? null)).toEqual([])
})

it('keeps the newest conversations that fit, and reads nothing from what is damaged', () => {
  const conversation = (at: number, characters: number) => ({
    id: String(at),
    at,
    messages: [{ role: 'user' as const, text: 'x'.repeat(characters) }],
  })
  const kept = readHistory(writeHistory([1, 2, 3].map((at) => conversation(at, MAX_CHARACTERS / 2))))
  expect(kept.map(({ at }) => at)).toEqual([3, 2])
  for (const damaged of ['{', '[{"id":1}]', '3']) expect(readHistory(damaged)).toEqual([])
})

it('counts the receipts of rings too: what is too much for the browser would not be kept at all', () => {
  const facts = {
    state: 'done' as const,
    ...{ reason: 'stop', trouble: null, promptTokens: 1, cachedTokens: 0, tokens: 1 },
    ...{ firstMs: 1, writingMs: 1, receipts: Array.from({ length: 50_000 }, (_, n) => `rcpt_${n + 1e9}`) },
  }
  const conversation = (at: number) => ({
    id: String(at),
    at,
    messages: [
      {
        role: 'assistant' as const,
        text: 'A',
        model: 'lm',
        facts: { ...facts, receipts: [...facts.receipts] },
      },
    ],
  })
  const kept = writeHistory([1, 2, 3, 4, 5, 6, 7, 8].map(conversation))
  expect(kept.length).toBeLessThan(1.2 * MAX_CHARACTERS)
  expect(readHistory(kept)[0]?.at).toBe(8)
})
