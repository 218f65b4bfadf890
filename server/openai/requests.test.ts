import { describe, expect, it } from 'vitest'
import { parseChatRequest } from './chatRequest.ts'
import { parseCompletionRequest } from './completionRequest.ts'
import { parseResponseRequest } from './responseRequest.ts'

const NOW = 1_700_000_000_000
const nulls = (...fields: string[]) => Object.fromEntries(fields.map((field) => [field, null]))
const sampling = [
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'repetition_penalty',
  'seed',
  'user',
  'stream',
  'stream_options',
]
const inert = [
  'metadata',
  'store',
  'service_tier',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
]

/** A body parsed, without what differs from call to call. */
function chat(fields: object) {
  const { stamp, ...body } = parseChatRequest(
    { model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...fields },
    NOW,
  )
  return { body, stamp }
}

describe('what a request leaves open', () => {
  it('may be null as well', () => {
    const fields = [
      ...sampling,
      ...inert,
      ...['frequency_penalty', 'presence_penalty', 'logit_bias', 'logprobs', 'top_logprobs', 'max_tokens'],
      ...[
        'max_completion_tokens',
        'n',
        'stop',
        'response_format',
        'tools',
        'tool_choice',
        'parallel_tool_calls',
      ],
      ...['reasoning_effort', 'modalities', 'audio', 'functions', 'function_call', 'prediction', 'verbosity'],
      ...['web_search_options', 'moderation', 'prompt_cache_options'],
    ]
    expect(chat(nulls(...fields)).body).toEqual(chat({}).body)
    const completion = { model: 'm', prompt: 'a' }
    const some = ['suffix', 'best_of', 'echo', 'logprobs', 'max_tokens', 'n', 'stop', ...sampling]
    expect({ ...parseCompletionRequest({ ...completion, ...nulls(...some) }, NOW), stamp: 0 }).toEqual({
      ...parseCompletionRequest(completion, NOW),
      stamp: 0,
    })
    const response = { model: 'm', input: 'a' }
    const others = [
      ...sampling,
      ...inert,
      ...[
        'background',
        'conversation',
        'include',
        'instructions',
        'max_output_tokens',
        'max_tool_calls',
        'prompt',
      ],
      ...[
        'parallel_tool_calls',
        'previous_response_id',
        'reasoning',
        'text',
        'tool_choice',
        'tools',
        'truncation',
      ],
      ...[
        'top_logprobs',
        'access_programs',
        'context_management',
        'image',
        'moderation',
        'prompt_cache_options',
      ],
    ]
    expect({ ...parseResponseRequest({ ...response, ...nulls(...others) }, NOW), stamp: 0 }).toEqual({
      ...parseResponseRequest(response, NOW),
      stamp: 0,
    })
  })

  it('is drawn where it must be: ids and seeds differ, and a seed that is given stays', () => {
    const [one, other] = [chat({}).stamp, chat({}).stamp]
    expect(one.id).not.toBe(other.id)
    expect(one.seed).not.toEqual(other.seed)
    expect(one.created).toBe(1_700_000_000)
    expect(chat({ seed: 5 }).stamp.seed).toEqual([0, 5])
    expect(chat({ seed: -(2 ** 63) }).stamp.seed).toEqual([0x80000000, 0])
  })
})

it('what changes nothing here is taken', () => {
  const fields = {
    user: 'u',
    metadata: { a: 'b' },
    store: false,
    service_tier: 'auto',
    safety_identifier: 's',
    prompt_cache_key: 'k',
    reasoning_effort: 'none',
    modalities: ['text'],
    response_format: { type: 'text' },
    top_k: -1,
    stop: [],
  }
  const { body } = chat(fields)
  const plain = chat({ top_k: 0 }).body
  expect(body).toEqual(plain)
  const response = {
    model: 'm',
    input: 'a',
    store: false,
    truncation: 'disabled',
    reasoning: { effort: 'none' },
  }
  expect(() => parseResponseRequest(response, NOW)).not.toThrow()
})

it('a history comes back as clients keep it', () => {
  const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }
  const messages = [
    { role: 'user', content: 'Hi', name: 'ada' },
    {
      role: 'assistant',
      content: 'Yes?',
      refusal: null,
      annotations: [],
      audio: null,
      function_call: null,
      tool_calls: null,
    },
    { role: 'assistant', content: null, refusal: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: 'call_1', content: [{ type: 'text', text: '3' }] },
    { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
  ]
  expect(chat({ messages }).body.messages).toEqual([
    { role: 'user', content: 'Hi', name: 'ada' },
    { role: 'assistant', content: 'Yes?' },
    { role: 'assistant', content: '', tool_calls: [{ ...call, function: { name: 'f', arguments: {} } }] },
    { role: 'tool', tool_call_id: 'call_1', content: '3' },
    { role: 'assistant', content: 'No.' },
  ])
})
