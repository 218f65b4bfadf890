import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createChatFlow } from './chatFlow.ts'
import { parseChatRequest } from './chatRequest.ts'
import { createCompletionFlow } from './completionFlow.ts'
import { parseCompletionRequest } from './completionRequest.ts'
import { fixtureLanguage, type Script, scriptedContext, toolTemplate } from './fixtureLanguage.ts'
import { LanguageTexts } from './languageText.ts'
import { createResponseFlow } from './responseFlow.ts'
import { parseResponseRequest } from './responseRequest.ts'

const plain = fixtureLanguage({ contextTokens: 2048 })
const small = fixtureLanguage({ id: 'small', contextTokens: 512 })
const tooled = fixtureLanguage({
  id: 'tooled',
  template: toolTemplate,
  generation: { temperature: 0.2, topK: 40 },
})
let texts: LanguageTexts
beforeAll(() => {
  texts = new LanguageTexts((sha256) =>
    [plain, small, tooled].find(({ files }) => files.has(sha256))!.readFile(sha256),
  )
})
afterAll(() => texts.close())

const NOW = 1_700_000_000_000
type Language = typeof plain
const options = ({ model }: Language) => ({ model, textOf: () => texts.of(model), version: '1.2.3' })
const user = (content: string) => ({ role: 'user', content })

async function chat(body: object, script: Script, language = plain) {
  const context = scriptedContext(language, script)
  const parsed = parseChatRequest({ model: language.model.manifest.id, messages: [user('Hi')], ...body }, NOW)
  const answer = await createChatFlow(options(language))(parsed, context)
  return { answer, context, prompt: language.tokenizer.decode(context.asked[0]!.prompt) }
}

const add = {
  type: 'function',
  function: {
    name: 'add',
    description: 'Adds.',
    parameters: {
      type: 'object',
      properties: { a: { type: 'integer' } },
      required: ['a'],
      additionalProperties: false,
    },
  },
}
const find = { type: 'function', function: { name: 'find' } }

describe('a chat', () => {
  it('is answered with its text, usage and a fingerprint that stays', async () => {
    const { answer, context } = await chat({}, { says: 'Hello there.', cachedTokens: 3 })
    const prompt = context.asked[0]!.prompt.length
    const tokens = plain.tokenizer.encode('Hello there.').length
    expect(answer).toEqual({
      id: expect.stringMatching(/^chatcmpl-[0-9a-f]{24}$/),
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'fixture-chat',
      system_fingerprint: expect.stringMatching(/^fp_[0-9a-f]{12}$/),
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hello there.', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: prompt,
        completion_tokens: tokens,
        total_tokens: prompt + tokens,
        prompt_tokens_details: { cached_tokens: 3, audio_tokens: 0 },
        completion_tokens_details: {
          reasoning_tokens: 0,
          audio_tokens: 0,
          accepted_prediction_tokens: 0,
          rejected_prediction_tokens: 0,
        },
      },
    })
    const again = await chat({}, { says: 'Hello there.' })
    expect(again.answer.system_fingerprint).toBe(answer.system_fingerprint)
    expect(again.answer.id).not.toBe(answer.id)
  })

  it('says nothing on the way where nobody reads along, so that a wrong answer can be made again', async () => {
    const { context } = await chat({}, { says: 'Hello.' })
    expect(context.events).toEqual([])
    const streamed = await chat({ stream: true }, { says: 'Hello.' })
    expect(streamed.context.events.length).toBeGreaterThan(1)
  })

  it('is told whole before its checks where somebody reads along, and once', async () => {
    let checked = (): void => {}
    const wait = new Promise<void>((resolve) => {
      checked = resolve
    })
    const context = scriptedContext(plain, { says: 'Hello.', checked: wait })
    const parsed = parseChatRequest(
      { model: 'fixture-chat', messages: [user('Hi')], stream: true, n: 2 },
      NOW,
    )
    let whole = (_: unknown): void => {}
    const told = new Promise((resolve) => {
      whole = resolve
    })
    const emit = (event: unknown): void => {
      if (typeof event === 'object' && event !== null && 'whole' in event) whole(event.whole)
      context.events.push(event)
    }
    const made = createChatFlow(options(plain))(parsed, { ...context, emit })
    const early = await told
    checked()
    expect(await made).toEqual(early)
    expect(context.events.filter((event) => 'whole' in (event as object))).toHaveLength(1)
  })

  it('asks with the request’s options, else the model’s, else OpenAI’s', async () => {
    const { context } = await chat(
      {
        temperature: 0.7,
        top_p: 0,
        presence_penalty: 1,
        logit_bias: { 5: -100 },
        seed: -1,
        stop: ['a', 'b'],
        max_completion_tokens: 7,
      },
      { says: 'x' },
      tooled,
    )
    expect(context.asked[0]!.options).toEqual({
      maxTokens: 7,
      sampling: {
        temperature: 0.7,
        topP: 1e-9,
        topK: 40,
        minP: 0,
        repetitionPenalty: 1,
        presencePenalty: 1,
        frequencyPenalty: 0,
        logitBias: [[5, -100]],
        seed: [0xffffffff, 0xffffffff],
      },
      endTokens: [2],
      stop: ['a', 'b'],
      constraint: null,
      topLogprobs: null,
    })
    const { context: bare } = await chat({}, { says: 'x' })
    expect(bare.asked[0]!.options.sampling).toMatchObject({ temperature: 1, topP: 1, topK: 0 })
    expect(bare.asked[0]!.options.maxTokens).toBe(2048 - bare.asked[0]!.prompt.length)
  })

  it('ends before a stop text, also one over the borders of tokens', async () => {
    const { answer } = await chat({ stop: 'the end' }, { says: 'This is the end, my friend.' })
    expect(answer.choices[0]).toMatchObject({ message: { content: 'This is ' }, finish_reason: 'stop' })
  })

  it('says length where the tokens ran out, and stop where the last of them ended it', async () => {
    const cut = await chat({ max_tokens: 3 }, { says: 'One two three four five' })
    expect(cut.answer.choices[0]!.finish_reason).toBe('length')
    expect(cut.answer.usage.completion_tokens).toBe(3)
    const stopped = await chat({ stop: 'O', max_tokens: 1 }, { says: 'One two' })
    expect(stopped.answer.choices[0]).toMatchObject({ message: { content: '' }, finish_reason: 'stop' })
  })

  it('is answered n times, with seeds in a row', async () => {
    const { answer, context } = await chat({ n: 3, seed: 0xffffffff }, { says: ['a', 'bb', 'ccc'] })
    expect(answer.choices.map(({ index, message }) => [index, message.content])).toEqual([
      [0, 'a'],
      [1, 'bb'],
      [2, 'ccc'],
    ])
    expect(context.asked.map((asked) => asked.options.sampling.seed)).toEqual([
      [0, 0xffffffff],
      [1, 0],
      [1, 1],
    ])
    expect(answer.usage.prompt_tokens).toBe(context.asked[0]!.prompt.length)
    expect(answer.usage.completion_tokens).toBe(
      ['a', 'bb', 'ccc'].reduce((sum, text) => sum + plain.tokenizer.encode(text).length, 0),
    )
  })

  it('has log-probabilities of each token of its text, with bytes, and none beyond a stop text', async () => {
    const { answer } = await chat({ logprobs: true, top_logprobs: 2, stop: 'x' }, { says: 'hé x no' })
    const { content } = answer.choices[0]!.logprobs!
    expect(content!.flatMap(({ bytes }) => bytes)).toEqual([...new TextEncoder().encode('hé ')])
    expect(content![0]).toMatchObject({ logprob: -0.5, top_logprobs: [{ logprob: -0.5 }, { logprob: -1.5 }] })
    const bare = await chat({ logprobs: true }, { says: 'ab' })
    expect(bare.context.readAlong, 'nobody hears them before the checks').toEqual([false])
    expect(bare.answer.choices[0]!.logprobs!.content!.map(({ top_logprobs }) => top_logprobs.length)).toEqual(
      [0, 0],
    )
  })

  it('is refused with both numbers when prompt and answer do not fit the context', async () => {
    await expect(chat({ max_tokens: 500 }, { says: 'x' }, small)).rejects.toMatchObject({
      code: 'context_length_exceeded',
      param: 'max_tokens',
      message: expect.stringMatching(
        /context length is 512 tokens, however you requested 5\d\d tokens \(\d\d in the prompt, 500/,
      ),
    })
    const messages = [user('word '.repeat(400))]
    await expect(chat({ messages }, { says: 'x' }, small)).rejects.toMatchObject({
      code: 'context_length_exceeded',
      param: 'messages',
      message: expect.stringMatching(/context length is 512 tokens, however your prompt has \d+ tokens/),
    })
  })

  it('refuses a bias on a token that the model does not have', async () => {
    await expect(chat({ logit_bias: { 9999: 1 } }, { says: 'x' })).rejects.toMatchObject({
      code: 'invalid_value',
      param: 'logit_bias',
    })
  })

  it('takes a developer’s words for the system’s, and parts for one text', async () => {
    const { prompt, context } = await chat(
      {
        messages: [
          {
            role: 'developer',
            content: [
              { type: 'text', text: 'Be ' },
              { type: 'text', text: 'brief.' },
            ],
          },
          user('Hi'),
        ],
      },
      { says: 'x' },
    )
    expect(prompt).toBe('system\nBe brief.\nuser\nHi\nassistant\n')
    expect(context.asked[0]!.prompt.filter((id) => id === 1)).toHaveLength(3)
  })

  it('is held to JSON or to a schema', async () => {
    const json = await chat({ response_format: { type: 'json_object' } }, { says: '{}' })
    expect(json.context.asked[0]!.options.constraint).toEqual({ kind: 'json_object' })
    const { parameters } = add.function
    const schema = await chat(
      {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 's', strict: true, schema: parameters },
        },
      },
      { says: '{"a": 1}' },
    )
    expect(schema.context.asked[0]!.options.constraint).toEqual({
      kind: 'json_schema',
      schema: JSON.stringify(parameters),
    })
  })
})

describe('tools', () => {
  const says = 'Sure.\n<tool_call>\n{"name": "add", "arguments": {"a": 12}}\n</tool_call>'

  it('are told by the model’s own template where it knows them', async () => {
    const { prompt, answer, context } = await chat({ tools: [add, find] }, { says }, tooled)
    expect(prompt).toContain('Tools: {"type": "function", "function": {"name": "add"')
    expect(prompt).not.toContain('# Tools')
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: 'Sure.',
        tool_calls: [
          {
            id: expect.stringMatching(/^call_/),
            type: 'function',
            function: { name: 'add', arguments: '{"a": 12}' },
          },
        ],
      },
    })
    expect(context.asked[0]!.options.constraint).toEqual({
      kind: 'tags',
      tags: [
        {
          begin: '<tool_call>\n{"name": "add", "arguments": ',
          schema: JSON.stringify(add.function.parameters),
          end: '}\n</tool_call>',
        },
        {
          begin: '<tool_call>\n{"name": "find", "arguments": ',
          schema: '{"type":"object","properties":{},"additionalProperties":false}',
          end: '}\n</tool_call>',
        },
      ],
      triggers: ['<tool_call>'],
    })
  })

  it('are told by the default prompt where it does not, with the history as words', async () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      user('1 + 2?'),
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'add', arguments: '{"a":1}' } },
          { id: 'call_2', type: 'function', function: { name: 'add', arguments: '' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: '3' },
      { role: 'tool', tool_call_id: 'call_2', content: 'none' },
      user('And?'),
    ]
    const { prompt } = await chat({ messages, tools: [add] }, { says: '3' })
    expect(prompt).toBe(`system
Be brief.

# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
{"type":"function","function":{"name":"add","description":"Adds.","parameters":${JSON.stringify(add.function.parameters)}}}
</tools>

For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call>
user
1 + 2?
assistant
<tool_call>
{"name": "add", "arguments": {"a":1}}
</tool_call>
<tool_call>
{"name": "add", "arguments": {}}
</tool_call>
user
<tool_response>
3
</tool_response>
<tool_response>
none
</tool_response>
And?
assistant
`)
  })

  it('that must be called are: the answer is the inside of a call, held to the schemas', async () => {
    const { prompt, answer, context } = await chat(
      { tools: [add, find], tool_choice: { type: 'function', function: { name: 'add' } } },
      { says: '{"name": "add", "arguments": {"a": 1}}' },
    )
    expect(prompt.endsWith('assistant\n<tool_call>\n')).toBe(true)
    expect(prompt).not.toContain('"find"')
    const { constraint } = context.asked[0]!.options
    expect(constraint?.kind).toBe('json_schema')
    expect(JSON.parse((constraint as { schema: string }).schema)).toEqual({
      anyOf: [
        {
          type: 'object',
          properties: { name: { const: 'add' }, arguments: { $ref: '#/$defs/0' } },
          required: ['name', 'arguments'],
          additionalProperties: false,
        },
      ],
      $defs: { 0: add.function.parameters },
    })
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { content: null, tool_calls: [{ function: { name: 'add', arguments: '{"a": 1}' } }] },
    })
  })

  it('are not told of where none may be called', async () => {
    const { prompt, answer } = await chat({ tools: [add], tool_choice: 'none' }, { says })
    expect(prompt).not.toContain('add')
    expect(answer.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: says } })
  })

  it('of which only some are allowed are told alone', async () => {
    const tool_choice = {
      type: 'allowed_tools',
      allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'find' } }] },
    }
    const { prompt } = await chat({ tools: [add, find], tool_choice }, { says: 'x' })
    expect(prompt).toContain('"find"')
    expect(prompt).not.toContain('"add"')
  })

  it('are called once where calls side by side are not wanted', async () => {
    const { answer } = await chat({ tools: [add], parallel_tool_calls: false }, { says: `${says}${says}` })
    expect(answer.choices[0]!.message.tool_calls).toHaveLength(1)
    const both = await chat({ tools: [add] }, { says: `${says}${says}` })
    expect(both.answer.choices[0]!.message.tool_calls).toHaveLength(2)
  })

  it('cut off by the end of the tokens are given as far as they came, and the reason is length', async () => {
    const { answer } = await chat({ tools: [add], max_tokens: 40 }, { says })
    expect(answer.choices[0]!.finish_reason).toBe('length')
  })
})

describe('a completion', () => {
  async function complete(body: object, script: Script) {
    const context = scriptedContext(plain, script)
    const parsed = parseCompletionRequest({ model: 'fixture-chat', prompt: 'Once', ...body }, NOW)
    return { context, answer: await createCompletionFlow(options(plain))(parsed, context) }
  }

  it('goes on from a text, 16 tokens far', async () => {
    const { answer, context } = await complete({}, { says: ' upon a time there was a king' })
    expect(context.asked[0]!.prompt).toEqual(plain.tokenizer.encode('Once'))
    expect(context.asked[0]!.options.maxTokens).toBe(16)
    expect(answer).toMatchObject({
      id: expect.stringMatching(/^cmpl-/),
      object: 'text_completion',
      choices: [{ index: 0, logprobs: null, finish_reason: 'length' }],
      usage: { completion_tokens: 16 },
    })
  })

  it('answers each of several prompts n times, texts and token ids, with the prompt before where it is wanted', async () => {
    const { answer, context } = await complete(
      { prompt: ['A', 'B'], n: 2, echo: true, best_of: 2 },
      { says: ['1', '2', '3', '4'] },
    )
    expect(answer.choices.map(({ index, text }) => [index, text])).toEqual([
      [0, 'A1'],
      [1, 'A2'],
      [2, 'B3'],
      [3, 'B4'],
    ])
    expect(answer.usage.prompt_tokens).toBe(2)
    expect(context.asked).toHaveLength(4)
    const ids = plain.tokenizer.encode('Twice')
    const { answer: second, context: asked } = await complete({ prompt: ids, echo: true }, { says: '!' })
    expect(asked.asked[0]!.prompt).toEqual(ids)
    expect(second.choices[0]!.text).toBe('Twice!')
  })

  it('has log-probabilities in lists side by side', async () => {
    const { answer } = await complete({ logprobs: 1 }, { says: ' up' })
    const { logprobs } = answer.choices[0]!
    expect(logprobs!.tokens.join('')).toBe(' up')
    expect(logprobs!.token_logprobs).toEqual(logprobs!.tokens.map(() => -0.5))
    expect(logprobs!.top_logprobs[0]).toEqual({ [logprobs!.tokens[0]!]: -0.5 })
    expect(logprobs!.text_offset).toEqual(
      logprobs!.tokens.map((_, i) => logprobs!.tokens.slice(0, i).join('').length),
    )
  })

  it('refuses tokens that the model does not have, before anything is made', async () => {
    const context = scriptedContext(plain, { says: 'x' })
    const parsed = parseCompletionRequest({ model: 'm', prompt: [[1], [9999]] }, NOW)
    await expect(createCompletionFlow(options(plain))(parsed, context)).rejects.toMatchObject({
      code: 'invalid_value',
      param: 'prompt',
    })
    expect(context.asked).toEqual([])
  })
})

describe('a response', () => {
  async function respond(body: object, script: Script) {
    const context = scriptedContext(plain, script)
    const parsed = parseResponseRequest({ model: 'fixture-chat', input: 'Hi', ...body }, NOW)
    const answer = await createResponseFlow(options(plain))(parsed, context)
    return { context, answer, prompt: plain.tokenizer.decode(context.asked[0]!.prompt) }
  }

  it('is one message with its usage, and nothing is kept', async () => {
    const { answer, prompt } = await respond(
      { instructions: 'Be brief.', metadata: { a: 'b' } },
      { says: 'Yes.' },
    )
    expect(prompt).toBe('system\nBe brief.\nuser\nHi\nassistant\n')
    expect(answer).toMatchObject({
      id: expect.stringMatching(/^resp_/),
      object: 'response',
      status: 'completed',
      store: false,
      previous_response_id: null,
      instructions: 'Be brief.',
      metadata: { a: 'b' },
      output: [
        {
          type: 'message',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'Yes.', annotations: [], logprobs: [] }],
        },
      ],
      usage: { output_tokens: plain.tokenizer.encode('Yes.').length },
    })
  })

  it('goes on from a history with calls', async () => {
    const { prompt } = await respond(
      {
        input: [
          { role: 'user', content: [{ type: 'input_text', text: '1 + 2?' }] },
          {
            type: 'message',
            id: 'msg_1',
            status: 'completed',
            role: 'assistant',
            content: [{ type: 'output_text', text: 'I add.', annotations: [], logprobs: [] }],
          },
          {
            type: 'function_call',
            id: 'fc_1',
            call_id: 'call_1',
            name: 'add',
            arguments: '{"a":1}',
            status: 'completed',
          },
          { type: 'function_call_output', call_id: 'call_1', output: '3' },
        ],
      },
      { says: '3' },
    )
    expect(prompt).toBe(
      'user\n1 + 2?\nassistant\nI add.\n<tool_call>\n{"name": "add", "arguments": {"a":1}}\n</tool_call>\nuser\n<tool_response>\n3\n</tool_response>\nassistant\n',
    )
  })

  it('has calls as items of their own, in their order', async () => {
    const { answer } = await respond(
      { tools: [{ type: 'function', ...add.function, strict: true }] },
      { says: 'Sure.<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>' },
    )
    expect(answer.output).toMatchObject([
      { type: 'message', content: [{ text: 'Sure.' }] },
      {
        id: expect.stringMatching(/^fc_/),
        type: 'function_call',
        call_id: expect.stringMatching(/^call_/),
        name: 'add',
        arguments: '{"a": 1}',
        status: 'completed',
      },
    ])
  })

  it('is incomplete where the tokens ran out', async () => {
    const { answer } = await respond({ max_output_tokens: 2 }, { says: 'One two three' })
    expect(answer).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [{ status: 'incomplete' }],
    })
  })
})
