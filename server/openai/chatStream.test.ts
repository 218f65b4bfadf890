import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BOB } from '../placement/fakeTab.ts'
import { FixtureChatRelay } from './fixtureChatRelay.ts'

let chat: FixtureChatRelay
beforeAll(async () => {
  chat = await FixtureChatRelay.open({ contextTokens: 2048 }, { QUEUE_WAIT_MS: '300' })
})
afterAll(() => chat.close())

const hi = { model: 'fixture-chat', messages: [{ role: 'user', content: 'Hi' }] }
const post = (path: string, body: object) => chat.relay.post(path, body)

/** Data of the events of a stream, each as JSON where it is JSON. */
const eventsOf = (text: string) =>
  text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const data = block.slice(block.indexOf('data: ') + 'data: '.length)
      return data === '[DONE]' ? data : JSON.parse(data)
    })

describe('a streamed chat', () => {
  it('has a role, deltas, a reason with the receipts, usage where it is asked for, and an end', async () => {
    const tab = await chat.tab(() => ['Hello ', 'there', '.'])
    const { status, headers, text } = await post('/v1/chat/completions', {
      ...hi,
      stream: true,
      stream_options: { include_usage: true },
    })
    expect(status).toBe(200)
    expect(headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(headers.get('x-request-id')).toMatch(/^req_/)
    const events = eventsOf(text)
    expect(events.pop()).toBe('[DONE]')
    const heads = new Set(
      events.map(({ id, object, created, model, system_fingerprint }) =>
        JSON.stringify([id, object, created, model, system_fingerprint]),
      ),
    )
    expect(heads.size).toBe(1)
    expect(events[0].object).toBe('chat.completion.chunk')
    const usage = events.pop()
    expect(usage).toMatchObject({ choices: [], usage: { prompt_tokens_details: { cached_tokens: 0 } } })
    expect(usage.usage.total_tokens).toBe(usage.usage.prompt_tokens + usage.usage.completion_tokens)
    expect(events.every((event) => event.usage === null)).toBe(true)
    expect(events.map(({ choices }) => choices)).toEqual(
      [
        { role: 'assistant', content: '', refusal: null },
        { content: 'Hello ' },
        { content: 'there' },
        { content: '.' },
        {},
      ].map((delta, i) => [{ index: 0, delta, logprobs: null, finish_reason: i === 4 ? 'stop' : null }]),
    )
    const [receipt] = events.at(-1).opentab.receipts
    expect((await chat.relay.get(`/v1/receipts/${receipt}`)).status).toBeLessThan(300)
    expect(events.slice(0, -1).some((event) => 'opentab' in event)).toBe(false)
    tab.leave()
    await tab.closed
  })

  it('tells several answers apart, and gives the log-probabilities with the text', async () => {
    const tab = await chat.tab(() => ['a', 'b'])
    const { text } = await post('/v1/chat/completions', {
      ...hi,
      stream: true,
      n: 2,
      logprobs: true,
      top_logprobs: 1,
    })
    const choices = eventsOf(text)
      .filter((event) => event !== '[DONE]')
      .flatMap((event) => event.choices)
    for (const index of [0, 1]) {
      const mine = choices.filter((choice) => choice.index === index)
      expect(mine[0].delta.role).toBe('assistant')
      expect(mine.map(({ delta }) => delta.content ?? '').join('')).toBe('ab')
      expect(
        mine.flatMap(({ logprobs }) => logprobs?.content ?? []).map(({ token, logprob }) => [token, logprob]),
      ).toEqual([
        ['a', -0.25],
        ['b', -0.25],
      ])
      expect(mine.filter(({ finish_reason }) => finish_reason !== null)).toHaveLength(1)
    }
    tab.leave()
    await tab.closed
  })

  it('gives calls as deltas with their index', async () => {
    const said = ['Sure. <tool', '_call>\n{"name": "add", "arguments": ', '{"a": 1', '}}\n</tool_call>']
    const tab = await chat.tab(() => said)
    const tools = [{ type: 'function', function: { name: 'add' } }]
    const { text } = await post('/v1/chat/completions', { ...hi, stream: true, tools })
    const events = eventsOf(text).filter((event) => event !== '[DONE]')
    const deltas = events.map(({ choices }) => choices[0].delta)
    expect(deltas).toEqual([
      { role: 'assistant', content: '', refusal: null },
      { content: 'Sure.' },
      {
        tool_calls: [
          {
            index: 0,
            id: expect.stringMatching(/^call_/),
            type: 'function',
            function: { name: 'add', arguments: '' },
          },
        ],
      },
      { tool_calls: [{ index: 0, function: { arguments: '{"a": 1' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '}' } }] },
      {},
    ])
    expect(events.at(-1).choices[0].finish_reason).toBe('tool_calls')
    tab.leave()
    await tab.closed
  })

  it('has a true status where it fails before its first token', async () => {
    const none = await post('/v1/chat/completions', { ...hi, stream: true })
    expect(none.status).toBe(503)
    expect(none.headers.get('retry-after')).toBe('5')
    expect(none.headers.get('x-should-retry')).toBe('true')
    expect(none.json.error).toMatchObject({ code: 'no_tab_available', type: 'server_error' })
    expect(none.json.error.message).toMatch(/fixture-chat.*0 tabs hold it/)
    const long = await post('/v1/chat/completions', { ...hi, stream: true, max_tokens: 5000 })
    expect([long.status, long.json.error.code]).toEqual([400, 'context_length_exceeded'])
    expect(long.headers.get('x-should-retry')).toBe('false')
  })

  it('ends with an error in the middle where the tab is lost for good', async () => {
    let begun = (): void => {}
    const first = new Promise<void>((resolve) => {
      begun = resolve
    })
    const tab = await chat.tab(async function* () {
      yield 'One '
      begun()
      await new Promise(() => {})
    })
    const asked = post('/v1/chat/completions', { ...hi, stream: true })
    await first
    tab.vanish()
    const { status, text } = await asked
    expect(status).toBe(200)
    const events = eventsOf(text)
    expect(events[1].choices[0].delta).toEqual({ content: 'One ' })
    expect(events.at(-1)).toEqual({
      error: {
        code: 'tab_lost',
        type: 'server_error',
        param: null,
        message: expect.stringContaining('fixture-chat'),
      },
    })
  })

  it('goes on in another tab where the first is lost, word for word', async () => {
    let begun = (): void => {}
    const first = new Promise<void>((resolve) => {
      begun = resolve
    })
    const lost = await chat.tab(async function* () {
      yield 'One '
      begun()
      await new Promise(() => {})
    })
    const asked = post('/v1/chat/completions', { ...hi, stream: true })
    await first
    const other = await chat.tab(() => ['two.'], BOB)
    lost.vanish()
    const events = eventsOf((await asked).text)
    const texts = events
      .filter((event) => event !== '[DONE]')
      .map(({ choices }) => choices[0]?.delta.content ?? '')
    expect(texts.join('')).toBe('One two.')
    other.leave()
    await other.closed
  })

  it('is given up within one token when its reader leaves', async () => {
    const before = chat.cancelled.length
    let said = 0
    const tab = await chat.tab(async function* () {
      for (;;) {
        said++
        yield 'word '
        await new Promise((resolve) => setImmediate(resolve))
      }
    })
    const leave = new AbortController()
    const answer = await fetch(`${chat.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...hi, stream: true }),
      signal: leave.signal,
    })
    await answer.body!.getReader().read()
    leave.abort()
    await chat.untilCancelled(before + 1)
    const atCancel = said
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    expect(said - atCancel).toBeLessThanOrEqual(1)
    tab.leave()
    await tab.closed
  })
})

describe('a streamed completion', () => {
  it('has texts and a reason, and the prompt first where it is wanted', async () => {
    const tab = await chat.tab(() => [' upon', ' a time'])
    const body = { model: 'fixture-chat', prompt: 'Once', stream: true, echo: true, max_tokens: 100 }
    const events = eventsOf((await post('/v1/completions', body)).text)
    expect(events.pop()).toBe('[DONE]')
    expect(events.map(({ object }) => object)).toEqual(events.map(() => 'text_completion'))
    expect(events.map(({ choices: [choice] }) => [choice.text, choice.finish_reason])).toEqual([
      ['Once', null],
      [' upon', null],
      [' a time', null],
      ['', 'stop'],
    ])
    expect(events.at(-1).opentab.receipts).toHaveLength(1)
    tab.leave()
    await tab.closed
  })
})

describe('a streamed response', () => {
  it('has named events, numbered without a gap, from created to completed', async () => {
    const said = ['Sure.', '<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>']
    const tab = await chat.tab(() => said)
    const { text } = await post('/v1/responses', {
      model: 'fixture-chat',
      input: 'Hi',
      stream: true,
      tools: [{ type: 'function', name: 'add', parameters: null, strict: null }],
    })
    const events = eventsOf(text)
    const names = [...text.matchAll(/^event: (.*)$/gm)].map(([, name]) => name)
    expect(names).toEqual(events.map(({ type }) => type))
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, i) => i))
    expect(names).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.completed',
    ])
    const { response } = events.at(-1)
    expect(response.output.map(({ type }: { type: string }) => type)).toEqual(['message', 'function_call'])
    expect(events[5].item.id).toBe(response.output[1].id)
    expect(events[10]).toMatchObject({ arguments: '{"a": 1}', name: 'add', item_id: response.output[1].id })
    expect(response.opentab.receipts).toHaveLength(1)
    tab.leave()
    await tab.closed
  })
})

describe('beside the streams', () => {
  it('an answer at once names its receipts and their salts’ key in its headers', async () => {
    const tab = await chat.tab(() => ['Yes.'])
    for (const [path, body] of [
      ['/v1/chat/completions', hi],
      ['/v1/completions', { model: 'fixture-chat', prompt: 'Hi' }],
      ['/v1/responses', { model: 'fixture-chat', input: 'Hi' }],
    ] as const) {
      const { headers, json } = await post(path, body)
      expect(json.opentab.receipts).toEqual([headers.get('x-opentab-receipt')])
      expect(json.opentab.saltKey).toBe(headers.get('x-opentab-salt-key'))
    }
    tab.leave()
    await tab.closed
  })

  it('a chat can be a background job', async () => {
    const refused = await post('/v1/jobs', { kind: 'chat', body: { ...hi, stream: true } })
    expect([refused.status, refused.json.error.param]).toEqual([400, 'body.stream'])
    const id = await chat.relay.submit({ kind: 'chat', body: hi })
    const tab = await chat.tab(() => ['Later.'])
    const job = await chat.relay.ended(id)
    expect(job.state).toBe('done')
    expect(job.result!.body).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { content: 'Later.' } }],
    })
    tab.leave()
    await tab.closed
  })

  it('a seed keeps all its digits', async () => {
    const tab = await chat.tab(() => ['Hi.'])
    for (const [digits, words] of [
      ['9007199254740993', [0x200000, 1]],
      ['-1', [0xffffffff, 0xffffffff]],
      ['18446744073709551615', [0xffffffff, 0xffffffff]],
    ] as const) {
      const body = JSON.stringify(hi).replace('{', `{"seed": ${digits}, `)
      const { status } = await chat.relay.call('POST', '/v1/chat/completions', body, {
        'content-type': 'application/json',
      })
      expect([status, chat.asked.at(-1)!.options.sampling.seed]).toEqual([200, words])
    }
    tab.leave()
    await tab.closed
  })

  it('a model is described by itself as in the list', async () => {
    const { json } = await chat.relay.get('/v1/models')
    expect((await chat.relay.get('/v1/models/fixture-chat')).json).toEqual(json.data[0])
    expect(json.data[0]).toMatchObject({ id: 'fixture-chat', object: 'model', opentab: { kind: 'chat' } })
  })
})
