import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FixtureChatRelay } from './fixtureChatRelay.ts'

/** Requests that no honest client sends. Each gets an answer of its own kind, no tab hears of any, and the relay lives. */

let chat: FixtureChatRelay
beforeAll(async () => {
  chat = await FixtureChatRelay.open()
  await chat.tab(() => ['Alive.'])
})
afterAll(() => chat.close())

type Refusal = [what: string, body: unknown, code: string, param: string | null]
const VALUE = 'invalid_value'
const FIELD = 'unsupported_parameter'

const model = 'fixture-chat'
const hi = [{ role: 'user', content: 'Hi' }]
const base = { model, messages: hi }
const text = (content: unknown) => ({ model, messages: [{ role: 'user', content }] })
const many = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i))
const deep = (levels: number): unknown => {
  let value: unknown = {}
  for (let i = 0; i < levels; i++) value = { a: value }
  return value
}
const tool = (fields: object) => ({ type: 'function', function: { name: 'add', ...fields } })
const strict = (schema: unknown) => ({
  ...base,
  response_format: { type: 'json_schema', json_schema: { name: 's', strict: true, schema } },
})
const closed = (properties: object) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
})
const assistant = (fields: object) => ({ ...base, messages: [...hi, { role: 'assistant', ...fields }] })
const call = (fields: object) => ({
  id: 'c',
  type: 'function',
  function: { name: 'add', arguments: '{}', ...fields },
})

const messages: Refusal[] = [
  ['no model', { messages: hi }, VALUE, 'model'],
  ['an empty model', { ...base, model: '' }, VALUE, 'model'],
  ['a model that is a number', { ...base, model: 7 }, VALUE, 'model'],
  ['a model that is a list', { ...base, model: [model] }, VALUE, 'model'],
  ['an unknown model', { ...base, model: 'gpt-4o' }, 'model_not_found', 'model'],
  ['a model called like a prototype', { ...base, model: '__proto__' }, 'model_not_found', 'model'],
  ['a path for a model', { ...base, model: '../../admin-token' }, 'model_not_found', 'model'],
  ['a very long model', { ...base, model: 'x'.repeat(100_000) }, 'model_not_found', 'model'],
  ['no messages', { model }, VALUE, 'messages'],
  ['messages that are null', { model, messages: null }, VALUE, 'messages'],
  ['messages that are text', { model, messages: 'Hi' }, VALUE, 'messages'],
  ['messages that are one object', { model, messages: hi[0] }, VALUE, 'messages'],
  ['no message at all', { model, messages: [] }, VALUE, 'messages'],
  ['a message that is null', { model, messages: [null] }, VALUE, 'messages'],
  ['a message that is text', { model, messages: ['Hi'] }, VALUE, 'messages'],
  ['a message without a role', { model, messages: [{ content: 'Hi' }] }, VALUE, 'messages'],
  ['an unknown role', { model, messages: [{ role: 'root', content: 'Hi' }] }, VALUE, 'messages'],
  [
    'a role called like a prototype',
    { model, messages: [{ role: 'constructor', content: 'Hi' }] },
    VALUE,
    'messages',
  ],
  [
    'the old role of functions',
    { model, messages: [{ role: 'function', name: 'a', content: '' }] },
    VALUE,
    'messages',
  ],
  ['a user without content', { model, messages: [{ role: 'user' }] }, VALUE, 'messages'],
  ['content that is null', text(null), VALUE, 'messages'],
  ['content that is a number', text(7), VALUE, 'messages'],
  ['content that is an object', text({ text: 'Hi' }), VALUE, 'messages'],
  ['content without parts', text([]), VALUE, 'messages'],
  ['a part that is text', text(['Hi']), VALUE, 'messages'],
  ['a part without a type', text([{ text: 'Hi' }]), VALUE, 'messages'],
  ['a part of an unknown type', text([{ type: 'smell', text: 'Hi' }]), VALUE, 'messages'],
  ['a text part without text', text([{ type: 'text' }]), VALUE, 'messages'],
  ['a text part with a number', text([{ type: 'text', text: 7 }]), VALUE, 'messages'],
  [
    'a text part with more',
    text([{ type: 'text', text: 'Hi', size: 7 }]),
    FIELD,
    'messages.0.content.0.size',
  ],
  [
    'a picture',
    text([{ type: 'image_url', image_url: { url: 'data:,' } }]),
    FIELD,
    'messages[0].content[0].image_url',
  ],
  [
    'a sound',
    text([
      { type: 'text', text: 'Hi' },
      { type: 'input_audio', input_audio: {} },
    ]),
    FIELD,
    'messages[0].content[1].input_audio',
  ],
  ['a file', text([{ type: 'file', file: { file_id: 'x' } }]), FIELD, 'messages[0].content[0].file'],
  ['a video', text([{ type: 'video_url' }]), FIELD, 'messages[0].content[0].video_url'],
  [
    'a message with an unknown field',
    { model, messages: [{ ...hi[0], weight: 1 }] },
    FIELD,
    'messages.0.weight',
  ],
  ['an assistant who says nothing', assistant({}), VALUE, 'messages'],
  [
    'an assistant who says null and calls nothing',
    assistant({ content: null, tool_calls: [] }),
    VALUE,
    'messages',
  ],
  ['an assistant with sound', assistant({ content: 'a', audio: { id: 'x' } }), VALUE, 'messages'],
  [
    'an assistant with the old call',
    assistant({ content: 'a', function_call: { name: 'f', arguments: '' } }),
    VALUE,
    'messages',
  ],
  [
    'a call without a name',
    assistant({ tool_calls: [{ id: 'c', type: 'function', function: { arguments: '' } }] }),
    VALUE,
    'messages',
  ],
  [
    'a call of a custom tool',
    assistant({ tool_calls: [{ id: 'c', type: 'custom', custom: {} }] }),
    FIELD,
    'messages.1.tool_calls.0.custom',
  ],
  [
    'a call whose arguments are an object',
    assistant({ tool_calls: [call({ arguments: {} })] }),
    VALUE,
    'messages',
  ],
  [
    'a call whose arguments are no JSON',
    assistant({ tool_calls: [call({ arguments: '{' })] }),
    VALUE,
    'messages',
  ],
  [
    'a call whose arguments are a list',
    assistant({ tool_calls: [call({ arguments: '[1]' })] }),
    VALUE,
    'messages',
  ],
  [
    'an answer of a tool that was not called',
    { model, messages: [...hi, { role: 'tool', tool_call_id: 'x', content: '3' }] },
    VALUE,
    'messages',
  ],
  [
    'an answer of a tool without its call',
    { model, messages: [...hi, { role: 'tool', content: '3' }] },
    VALUE,
    'messages',
  ],
  ['a name that is a list', { model, messages: [{ ...hi[0], name: ['x'] }] }, VALUE, 'messages'],
  ['a lone surrogate', text('\ud800'), VALUE, 'messages'],
  ['a lone surrogate in a key', { ...base, metadata: { '\udfff': 'x' } }, VALUE, 'metadata'],
  ['too many messages', { model, messages: many(5000, () => hi[0]) }, VALUE, 'messages'],
  ['a hundred thousand messages', { model, messages: many(100_000, () => hi[0]) }, VALUE, 'messages'],
  ['a prompt beyond the context', text('word '.repeat(5_000)), 'context_length_exceeded', 'messages'],
  ['a prompt of a million characters', text('x'.repeat(1_000_000)), 'context_length_exceeded', 'messages'],
]

const numbers: Refusal[] = [
  ...(
    [
      ['temperature', -1, 2.1, '1', [1], {}, true, 1e308],
      ['top_p', -0.1, 1.1, '1', [], true],
      ['top_k', -2, 0.5, '40', 1e12],
      ['min_p', -0.1, 1.1, '0'],
      ['repetition_penalty', 0, -1, 101, '1'],
      ['presence_penalty', -2.1, 2.1, '0', {}],
      ['frequency_penalty', -2.1, 2.1, '0', []],
      ['seed', 1.5, '7', 1e20, -1e20, []],
      ['n', 0, 9, -1, 1.5, '2', 1e9],
      ['max_tokens', 0, -1, 1.5, '5', 1e12],
      ['max_completion_tokens', 0, -5, 'all', {}],
      ['top_logprobs', -1, 21, 0.5, 'x'],
    ] as [string, ...unknown[]][]
  ).flatMap(([field, ...values]) =>
    values.map(
      (value): Refusal => [
        `${field} ${JSON.stringify(value)}`,
        { ...base, logprobs: true, [field]: value },
        VALUE,
        field,
      ],
    ),
  ),
  ['top_logprobs without logprobs', { ...base, top_logprobs: 2 }, VALUE, 'top_logprobs'],
  ['logprobs that are a number', { ...base, logprobs: 5 }, VALUE, 'logprobs'],
  ['both limits of tokens', { ...base, max_tokens: 5, max_completion_tokens: 5 }, VALUE, 'max_tokens'],
  [
    'more tokens than the context',
    { ...base, max_tokens: 4_000_000_000 },
    'context_length_exceeded',
    'max_tokens',
  ],
  ['a stream that is text', { ...base, stream: 'true' }, VALUE, 'stream'],
  [
    'options of a stream that is none',
    { ...base, stream_options: { include_usage: true } },
    VALUE,
    'stream_options',
  ],
  [
    'unknown options of a stream',
    { ...base, stream: true, stream_options: { fast: true } },
    FIELD,
    'stream_options.fast',
  ],
  [
    'padding in a stream',
    { ...base, stream: true, stream_options: { include_obfuscation: true } },
    VALUE,
    'stream_options',
  ],
]

const lists: Refusal[] = [
  ['an empty stop', { ...base, stop: '' }, VALUE, 'stop'],
  ['an empty stop among others', { ...base, stop: ['a', ''] }, VALUE, 'stop'],
  ['a stop that is a number', { ...base, stop: 7 }, VALUE, 'stop'],
  ['stops that are numbers', { ...base, stop: [7] }, VALUE, 'stop'],
  ['stops in a list of lists', { ...base, stop: [['a']] }, VALUE, 'stop'],
  ['17 stops', { ...base, stop: many(17, String) }, VALUE, 'stop'],
  ['an endless list of stops', { ...base, stop: many(1_000_000, () => 'a') }, VALUE, 'stop'],
  ['an endless stop', { ...base, stop: 'a'.repeat(100_000) }, VALUE, 'stop'],
  ['a bias that is a list', { ...base, logit_bias: [1] }, VALUE, 'logit_bias'],
  ['a bias that is text', { ...base, logit_bias: '5' }, VALUE, 'logit_bias'],
  ['a bias beyond 100', { ...base, logit_bias: { 5: 101 } }, VALUE, 'logit_bias'],
  ['a bias that is text of a number', { ...base, logit_bias: { 5: '1' } }, VALUE, 'logit_bias'],
  ['a bias on a word', { ...base, logit_bias: { hello: 1 } }, VALUE, 'logit_bias'],
  ['a bias on half a token', { ...base, logit_bias: { '1.5': 1 } }, VALUE, 'logit_bias'],
  ['a bias on token -1', { ...base, logit_bias: { '-1': 1 } }, VALUE, 'logit_bias'],
  ['a bias on a token beyond the vocabulary', { ...base, logit_bias: { 4000000: 1 } }, VALUE, 'logit_bias'],
  [
    'a bias on 2000 tokens',
    { ...base, logit_bias: Object.fromEntries(many(2000, (i) => [i, 1])) },
    VALUE,
    'logit_bias',
  ],
  [
    'a bias on 500,000 tokens',
    { ...base, logit_bias: Object.fromEntries(many(500_000, (i) => [i, 1])) },
    VALUE,
    'logit_bias',
  ],
  ['a user that is an object', { ...base, user: {} }, VALUE, 'user'],
  ['metadata that is text', { ...base, metadata: 'x' }, VALUE, 'metadata'],
  ['metadata a thousand levels deep', { ...base, metadata: deep(1000) }, VALUE, 'metadata'],
  ['storage', { ...base, store: true }, VALUE, 'store'],
  ['a faster tier', { ...base, service_tier: 'priority' }, VALUE, 'service_tier'],
  ['spoken answers', { ...base, modalities: ['text', 'audio'] }, VALUE, 'modalities'],
  ['no way of answering', { ...base, modalities: [] }, VALUE, 'modalities'],
]

const unknown: Refusal[] = [
  ...(
    [
      ['audio', { voice: 'a', format: 'wav' }],
      ['functions', [{ name: 'f' }]],
      ['function_call', 'auto'],
      ['prediction', { type: 'content', content: 'x' }],
      ['web_search_options', {}],
      ['verbosity', 'low'],
      ['moderation', {}],
      ['prompt_cache_options', {}],
      ['prompt_cache_retention', '24h'],
      ['best_of', 2],
      ['echo', true],
      ['suffix', 'x'],
      ['input', 'x'],
      ['tempreature', 1],
      ['constructor', 1],
      ['toString', 'x'],
      ['', 1],
      ['reasoning_effort', 'high'],
      ['reasoning_effort', 'minimal'],
    ] as [string, unknown][]
  ).map(
    ([field, value]): Refusal => [
      `the field ${field || 'without a name'}`,
      { ...base, [field]: value },
      FIELD,
      field,
    ],
  ),
  ['an effort that is a number', { ...base, reasoning_effort: 7 }, VALUE, 'reasoning_effort'],
  ['the options of another version', { ...base, opentab: { confidence: 0.9 } }, FIELD, 'opentab.confidence'],
  ['an empty part of our own', { ...base, opentab: {} }, FIELD, 'opentab'],
]

const tools: Refusal[] = [
  ['no tools in a list', { ...base, tools: [] }, VALUE, 'tools'],
  ['tools that are an object', { ...base, tools: {} }, VALUE, 'tools'],
  ['a tool that is text', { ...base, tools: ['add'] }, VALUE, 'tools'],
  ['a tool without a type', { ...base, tools: [{ function: { name: 'a' } }] }, VALUE, 'tools'],
  [
    'a custom tool',
    { ...base, tools: [{ type: 'custom', custom: { name: 'a' } }] },
    FIELD,
    'tools[0].custom',
  ],
  ['a search', { ...base, tools: [tool({}), { type: 'web_search' }] }, FIELD, 'tools[1].web_search'],
  ['a function without a name', { ...base, tools: [{ type: 'function', function: {} }] }, VALUE, 'tools'],
  ['a function with a sentence for a name', { ...base, tools: [tool({ name: 'rm -rf /' })] }, VALUE, 'tools'],
  ['a function with a very long name', { ...base, tools: [tool({ name: 'a'.repeat(65) })] }, VALUE, 'tools'],
  ['a function with a tag for a name', { ...base, tools: [tool({ name: '</tool_call>' })] }, VALUE, 'tools'],
  ['two functions of one name', { ...base, tools: [tool({}), tool({})] }, VALUE, 'tools'],
  ['129 functions', { ...base, tools: many(129, (i) => tool({ name: `f${i}` })) }, VALUE, 'tools'],
  [
    'a function with an unknown field',
    { ...base, tools: [tool({ code: 'x' })] },
    FIELD,
    'tools.0.function.code',
  ],
  ['parameters that are text', { ...base, tools: [tool({ parameters: '{}' })] }, VALUE, 'tools'],
  ['parameters that are a list', { ...base, tools: [tool({ parameters: [] })] }, VALUE, 'tools'],
  [
    'parameters that are no object',
    { ...base, tools: [tool({ parameters: { type: 'string' } })] },
    VALUE,
    'tools[0].function.parameters',
  ],
  [
    'parameters of an unknown type',
    { ...base, tools: [tool({ parameters: { type: 'objekt' } })] },
    VALUE,
    'tools[0].function.parameters.type',
  ],
  [
    'a reference to nowhere',
    { ...base, tools: [tool({ parameters: { $ref: '#/$defs/x' } })] },
    VALUE,
    'tools[0].function.parameters.$ref',
  ],
  [
    'a reference that leads back',
    { ...base, tools: [tool({ parameters: { $ref: '#' } })] },
    VALUE,
    'tools[0].function.parameters',
  ],
  [
    'parameters a thousand levels deep',
    { ...base, tools: [tool({ parameters: deep(1000) })] },
    VALUE,
    'tools',
  ],
  [
    'parameters 60 levels deep',
    {
      ...base,
      tools: [
        tool({ parameters: many(30, (i) => i).reduce<object>((items) => ({ type: 'array', items }), {}) }),
      ],
    },
    VALUE,
    expect.stringMatching(/^tools\[0\]/),
  ],
  [
    'strict parameters that are open',
    { ...base, tools: [tool({ strict: true, parameters: { type: 'object' } })] },
    VALUE,
    'tools[0].function.parameters.additionalProperties',
  ],
  ['a strictness that is text', { ...base, tools: [tool({ strict: 'yes' })] }, VALUE, 'tools'],
  ['a choice without tools', { ...base, tool_choice: 'required' }, VALUE, 'tool_choice'],
  [
    'a choice of a function that is none',
    { ...base, tools: [tool({})], tool_choice: { type: 'function', function: { name: 'rm' } } },
    VALUE,
    'tool_choice',
  ],
  ['an unknown choice', { ...base, tools: [tool({})], tool_choice: 'maybe' }, VALUE, 'tool_choice'],
  ['a choice that is a list', { ...base, tools: [tool({})], tool_choice: ['add'] }, VALUE, 'tool_choice'],
  [
    'no tools that are allowed',
    {
      ...base,
      tools: [tool({})],
      tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [] } },
    },
    VALUE,
    'tool_choice',
  ],
  [
    'calls side by side that are a number',
    { ...base, tools: [tool({})], parallel_tool_calls: 2 },
    VALUE,
    'parallel_tool_calls',
  ],
  [
    'tools and JSON at once',
    { ...base, tools: [tool({})], response_format: { type: 'json_object' } },
    FIELD,
    'response_format',
  ],
]

const schema = 'response_format.json_schema.schema'
const formats: Refusal[] = [
  ['a format that is text', { ...base, response_format: 'json' }, VALUE, 'response_format'],
  ['a format without a type', { ...base, response_format: {} }, VALUE, 'response_format'],
  ['an unknown format', { ...base, response_format: { type: 'xml' } }, VALUE, 'response_format'],
  [
    'a schema that is missing',
    { ...base, response_format: { type: 'json_schema' } },
    VALUE,
    'response_format',
  ],
  [
    'a schema without a name',
    { ...base, response_format: { type: 'json_schema', json_schema: { schema: {} } } },
    VALUE,
    'response_format',
  ],
  ['a schema that is text', strict('{}'), VALUE, 'response_format'],
  ['a schema that is a list', strict([]), VALUE, 'response_format'],
  ['an open object', strict({ type: 'object', properties: {} }), VALUE, `${schema}.additionalProperties`],
  ['an optional property', strict({ ...closed({ a: {} }), required: [] }), VALUE, `${schema}.required`],
  ['a list at the top', strict({ type: 'array', items: {} }), VALUE, schema],
  ['conditions', strict({ ...closed({}), not: {} }), VALUE, `${schema}.not`],
  ['nothing that is allowed', strict(closed({ a: false })), VALUE, `${schema}.properties.a`],
  ['properties that are a list', strict({ ...closed({}), properties: [] }), VALUE, `${schema}.properties`],
  ['an enum of nothing', strict(closed({ a: { enum: [] } })), VALUE, `${schema}.properties.a.enum`],
  ['an enum of 2000', strict(closed({ a: { enum: many(2000, String) } })), VALUE, schema],
  ['1500 properties', strict(closed(Object.fromEntries(many(1500, (i) => [`p${i}`, {}])))), VALUE, schema],
  [
    'a regular expression that runs away',
    strict(closed({ a: { type: 'string', pattern: '(?<=(a+)+)$' } })),
    VALUE,
    `${schema}.properties.a.pattern`,
  ],
  [
    'a regular expression that is none',
    strict(closed({ a: { type: 'string', pattern: '(' } })),
    VALUE,
    `${schema}.properties.a.pattern`,
  ],
  [
    'a length of minus one',
    strict(closed({ a: { type: 'string', minLength: -1 } })),
    VALUE,
    `${schema}.properties.a.minLength`,
  ],
  [
    'a length of 10^12',
    strict(closed({ a: { type: 'string', maxLength: 1e12 } })),
    VALUE,
    `${schema}.properties.a.maxLength`,
  ],
  [
    'bounds the wrong way round',
    strict(closed({ a: { type: 'integer', minimum: 5, maximum: 1 } })),
    VALUE,
    `${schema}.properties.a.minimum`,
  ],
  [
    'a reference to a prototype',
    strict({ ...closed({ a: { $ref: '#/$defs/__proto__x' } }), $defs: {} }),
    VALUE,
    `${schema}.properties.a.$ref`,
  ],
  [
    'references in a circle',
    strict({
      ...closed({ a: { $ref: '#/$defs/a' } }),
      $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } },
    }),
    VALUE,
    schema,
  ],
  ['a schema of a megabyte', strict(closed({ a: { const: 'x'.repeat(1_000_000) } })), VALUE, schema],
]

const raw: [what: string, body: string | Uint8Array, type: string, status: number, code: string][] = [
  ['nothing', '', 'application/json', 400, VALUE],
  ['half of JSON', '{"model": "fixture-chat", "messages": [', 'application/json', 400, VALUE],
  ['two documents', `${JSON.stringify(base)}${JSON.stringify(base)}`, 'application/json', 400, VALUE],
  ['a list', '[]', 'application/json', 400, VALUE],
  ['a number', '7', 'application/json', 400, VALUE],
  ['null', 'null', 'application/json', 400, VALUE],
  ['a text', '"Hi"', 'application/json', 400, VALUE],
  ['NaN', '{"model": "fixture-chat", "temperature": NaN}', 'application/json', 400, VALUE],
  ['single quotes', "{'model': 'fixture-chat'}", 'application/json', 400, VALUE],
  ['a prototype', '{"__proto__": {"model": "fixture-chat"}}', 'application/json', 400, VALUE],
  [
    'a prototype in a schema',
    '{"model": "fixture-chat", "response_format": {"constructor": {"prototype": {}}}}',
    'application/json',
    400,
    VALUE,
  ],
  [
    'a byte that is no UTF-8',
    Uint8Array.from([...new TextEncoder().encode('{"model": "'), 0xff, 0x22, 0x7d]),
    'application/json',
    400,
    VALUE,
  ],
  [
    'UTF-16',
    new Uint8Array(Buffer.from(JSON.stringify(base), 'utf16le')),
    'application/json; charset=utf-16',
    400,
    VALUE,
  ],
  ['zip', Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3), 'application/json', 400, VALUE],
  ['JSON that is said to be text', JSON.stringify(base), 'text/plain', 400, VALUE],
  ['a form', 'model=fixture-chat&messages=Hi', 'application/x-www-form-urlencoded', 400, VALUE],
  ['a picture', Uint8Array.of(0x89, 0x50, 0x4e, 0x47), 'image/png', 400, VALUE],
  ['a hundred thousand brackets', '['.repeat(100_000), 'application/json', 400, VALUE],
  [
    'a hundred thousand levels',
    `{"model": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    'application/json',
    400,
    VALUE,
  ],
  [
    'more than a text body may have',
    `{"model": "${'x'.repeat(9 * 1024 * 1024)}"}`,
    'application/json',
    413,
    'body_too_large',
  ],
]

const completions: Refusal[] = [
  ['no prompt', { model }, VALUE, 'prompt'],
  ['a prompt of null', { model, prompt: null }, VALUE, 'prompt'],
  ['an empty prompt', { model, prompt: '' }, VALUE, 'prompt'],
  ['an empty list of prompts', { model, prompt: [] }, VALUE, 'prompt'],
  ['an empty prompt among others', { model, prompt: ['a', ''] }, VALUE, 'prompt'],
  ['prompts of texts and tokens', { model, prompt: ['a', [1]] }, VALUE, 'prompt'],
  ['a prompt that is an object', { model, prompt: { text: 'a' } }, VALUE, 'prompt'],
  ['a token of -1', { model, prompt: [-1] }, VALUE, 'prompt'],
  ['half a token', { model, prompt: [1.5] }, VALUE, 'prompt'],
  ['a token beyond the vocabulary', { model, prompt: [4_000_000] }, VALUE, 'prompt'],
  ['33 prompts', { model, prompt: many(33, String) }, VALUE, 'prompt'],
  ['more tokens than the context', { model, prompt: many(600, () => 5) }, 'context_length_exceeded', null],
  ['a suffix', { model, prompt: 'a', suffix: 'b' }, FIELD, 'suffix'],
  ['more tries than answers', { model, prompt: 'a', best_of: 3 }, FIELD, 'best_of'],
  ['log-probabilities of the prompt', { model, prompt: 'a', echo: true, logprobs: 1 }, FIELD, 'logprobs'],
  ['six alternatives', { model, prompt: 'a', logprobs: 6 }, VALUE, 'logprobs'],
  ['log-probabilities that are true', { model, prompt: 'a', logprobs: true }, VALUE, 'logprobs'],
  ['messages', { model, prompt: 'a', messages: hi }, FIELD, 'messages'],
  ['no tokens at all', { model, prompt: 'a', max_tokens: 0 }, VALUE, 'max_tokens'],
  ['an unknown model', { model: 'davinci', prompt: 'a' }, 'model_not_found', 'model'],
]

const item = (fields: object) => ({ model, input: [fields] })
const responses: Refusal[] = [
  ['no input', { model }, VALUE, 'input'],
  ['an empty input', { model, input: '' }, VALUE, 'input'],
  ['an empty list', { model, input: [] }, VALUE, 'input'],
  ['an input that is a number', { model, input: 7 }, VALUE, 'input'],
  ['an item that is text', { model, input: ['Hi'] }, VALUE, 'input'],
  ['an unknown item', item({ type: 'dream' }), FIELD, 'input[0].dream'],
  ['a reference to an item', item({ type: 'item_reference', id: 'msg_1' }), FIELD, 'input[0].item_reference'],
  ['reasoning', item({ type: 'reasoning', summary: [] }), FIELD, 'input[0].reasoning'],
  [
    'a picture',
    item({ role: 'user', content: [{ type: 'input_image', image_url: 'x' }] }),
    FIELD,
    'input[0].content[0].input_image',
  ],
  [
    'a file',
    item({ role: 'user', content: [{ type: 'input_file', file_id: 'x' }] }),
    FIELD,
    'input[0].content[0].input_file',
  ],
  [
    'an answer of a function that was not called',
    item({ type: 'function_call_output', call_id: 'x', output: '3' }),
    VALUE,
    'input',
  ],
  [
    'a call whose arguments are no JSON',
    item({ type: 'function_call', call_id: 'x', name: 'a', arguments: '(' }),
    VALUE,
    'input',
  ],
  [
    'a response before this one',
    { model, input: 'a', previous_response_id: 'resp_1' },
    FIELD,
    'previous_response_id',
  ],
  ['a conversation', { model, input: 'a', conversation: 'conv_1' }, FIELD, 'conversation'],
  ['a stored prompt', { model, input: 'a', prompt: { id: 'x' } }, FIELD, 'prompt'],
  ['storage', { model, input: 'a', store: true }, FIELD, 'store'],
  ['background work', { model, input: 'a', background: true }, VALUE, 'background'],
  ['an effort', { model, input: 'a', reasoning: { effort: 'low' } }, FIELD, 'reasoning.effort'],
  ['a summary of thoughts', { model, input: 'a', reasoning: { summary: 'auto' } }, VALUE, 'reasoning'],
  ['truncation', { model, input: 'a', truncation: 'auto' }, VALUE, 'truncation'],
  ['encrypted thoughts', { model, input: 'a', include: ['reasoning.encrypted_content'] }, VALUE, 'include'],
  ['verbosity', { model, input: 'a', text: { verbosity: 'low' } }, FIELD, 'text.verbosity'],
  ['a search', { model, input: 'a', tools: [{ type: 'web_search' }] }, FIELD, 'tools[0].web_search'],
  [
    'a bad schema',
    {
      model,
      input: 'a',
      text: { format: { type: 'json_schema', name: 's', strict: true, schema: { type: 'object' } } },
    },
    VALUE,
    'text.format.schema.additionalProperties',
  ],
  ['a limit of tool calls', { model, input: 'a', max_tool_calls: 3 }, FIELD, 'max_tool_calls'],
  ['messages', { model, input: 'a', messages: hi }, FIELD, 'messages'],
  ['stops', { model, input: 'a', stop: ['x'] }, FIELD, 'stop'],
]

const statusOf: Record<string, number> = { model_not_found: 404 }

describe.each<[string, string, Refusal[]]>([
  ['messages of a chat', '/v1/chat/completions', messages],
  ['numbers of a chat', '/v1/chat/completions', numbers],
  ['lists of a chat', '/v1/chat/completions', lists],
  ['fields that a chat does not have', '/v1/chat/completions', unknown],
  ['tools of a chat', '/v1/chat/completions', tools],
  ['formats of a chat', '/v1/chat/completions', formats],
  ['completions', '/v1/completions', completions],
  ['responses', '/v1/responses', responses],
])('%s', (_, path, table) => {
  it.each(table)('%s', async (_what, body, code, param) => {
    const answer = await chat.relay.post(path, body)
    expect(answer.json?.error, answer.text.slice(0, 300)).toEqual({
      message: expect.stringMatching(/^.{20,600}$/s),
      type: 'invalid_request_error',
      param: param ?? expect.anything(),
      code,
    })
    // No words of the validator's own.
    expect(answer.text).not.toMatch(/Invalid \w+:|Unrecognized|Too (?:big|small)|expected \w+, received/i)
    expect(answer.status).toBe(statusOf[code] ?? 400)
    expect(answer.headers.get('x-should-retry')).toBe('false')
  })
})

describe('bodies that are no requests', () => {
  it.each(raw)('%s', async (_, body, type, status, code) => {
    const answer = await chat.relay.call('POST', '/v1/chat/completions', body, { 'content-type': type })
    expect([answer.status, answer.json?.error.code], answer.text.slice(0, 200)).toEqual([status, code])
    expect(answer.text).not.toMatch(/node_modules|at Object/)
  })
})

it('two hundred of them and more left relay and tab unharmed: no tab heard of one, and the next chat is answered', async () => {
  const count = [messages, numbers, lists, unknown, tools, formats, completions, responses, raw].flat().length
  expect(count).toBeGreaterThanOrEqual(200)
  expect(chat.asked).toEqual([])
  const answer = await chat.relay.post('/v1/chat/completions', base)
  expect(answer.json.choices[0].message.content).toBe('Alive.')
  expect((await chat.relay.get('/metrics')).text).toMatch(/^opentab_jobs_open 0$/m)
})
