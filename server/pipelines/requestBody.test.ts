import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parseChatRequest } from '../openai/chatRequest.ts'
import { parseCompletionRequest } from '../openai/completionRequest.ts'
import { parseRequestBody } from './requestBody.ts'

/** What a body is refused with: [param, message]. */
function refusalOf(parse: () => unknown): [string | null, string] {
  try {
    parse()
  } catch (error) {
    const { param, message } = error as { param: string | null; message: string }
    return [param, message]
  }
  return expect.unreachable('the body was taken')
}
const messages = [{ role: 'user', content: 'Hi' }]
const chat = (fields: object) => refusalOf(() => parseChatRequest({ model: 'm', messages, ...fields }, 0))
const completion = (fields: object) => refusalOf(() => parseCompletionRequest({ model: 'm', ...fields }, 0))

describe('a value that is refused', () => {
  it.each([
    [{ temperature: 3 }, 'temperature', '`temperature`: must be at most 2; 3 was given.'],
    [{ temperature: 'hot' }, 'temperature', '`temperature`: must be a number; "hot" was given.'],
    [{ top_p: -1 }, 'top_p', '`top_p`: must be at least 0; -1 was given.'],
    [
      { repetition_penalty: 0 },
      'repetition_penalty',
      '`repetition_penalty`: must be more than 0; 0 was given.',
    ],
    [{ n: 1.5 }, 'n', '`n`: must be a whole number; 1.5 was given.'],
    [{ n: 9 }, 'n', '`n`: must be at most 8; 9 was given.'],
    [{ stream: 'yes' }, 'stream', '`stream`: must be true or false; "yes" was given.'],
    [{ model: '' }, 'model', '`model`: must have at least 1 character; "" was given.'],
    [{ model: undefined }, 'model', '`model`: is missing; it must be a string.'],
    [
      { service_tier: 'flex' },
      'service_tier',
      '`service_tier`: must be one of `auto`, `default`; "flex" was given.',
    ],
    [{ seed: 2 ** 64 }, 'seed', '`seed`: must be a whole number of 64 bits; 18446744073709552000 was given.'],
    [{ seed: 0.5 }, 'seed', '`seed`: must be a whole number of 64 bits; 0.5 was given.'],
    [{ stop: ['a', ''] }, 'stop', '`stop[1]`: is an empty string.'],
    [
      { stop: Array(17).fill('a') },
      'stop',
      '`stop`: must have at most 16 entries; an array of 17 was given.',
    ],
    [
      { messages: [{ role: 'user', content: 'x', name: 7 }] },
      'messages',
      '`messages[0].name`: must be a string; 7 was given.',
    ],
    [
      { messages: 'a'.repeat(50) },
      'messages',
      `\`messages\`: must be an array; "${'a'.repeat(40)}"… (50 characters) was given.`,
    ],
    [{ messages: { role: 'user' } }, 'messages', '`messages`: must be an array; an object was given.'],
    [{ metadata: 7 }, 'metadata', '`metadata`: must be an object; 7 was given.'],
    [
      { tool_choice: { type: 'function' } },
      'tool_choice',
      '`tool_choice.function`: is missing; it must be an object.',
    ],
  ])('is named with what it must be: %j', (fields, param, message) => {
    expect(chat(fields)).toEqual([param, message])
  })

  it.each([
    [{ prompt: Array(100).fill('Hi') }, '`prompt`: holds 100 prompts; a call takes at most 32.'],
    [{ prompt: Array(33).fill([1]) }, '`prompt`: holds 33 prompts; a call takes at most 32.'],
    [{ prompt: ['a', 7] }, '`prompt[1]`: must be a string; 7 was given.'],
    [{ prompt: [1, 'a'] }, '`prompt[1]`: must be a number; "a" was given.'],
    [
      { prompt: 7 },
      '`prompt`: must be a string, an array of token ids, or an array of at most 32 of one of them; 7 was given.',
    ],
    [{ prompt: [''] }, '`prompt[0]`: is an empty string.'],
  ])('so are prompts: %j', (fields, message) => {
    expect(completion(fields)).toEqual(['prompt', message])
  })

  it('is told in no words of the validator', () => {
    const schema = z.strictObject({
      a: z.string().regex(/^x$/).optional(),
      b: z.number().multipleOf(3).optional(),
      c: z.record(z.string().max(1), z.number()).optional(),
      d: z.literal(false).optional(),
      e: z.union([z.null(), z.array(z.boolean())]).optional(),
    })
    const words = [{ a: 'y' }, { b: 4 }, { c: { long: 1 } }, { d: true }, { e: 'f' }].map(
      (body) => refusalOf(() => parseRequestBody(schema, body))[1],
    )
    expect(words).toEqual([
      '`a`: must match /^x$/; "y" was given.',
      '`b`: must be a multiple of 3; 4 was given.',
      '`c.long`: has a key that is not taken.',
      '`d`: must be false; true was given.',
      '`e`: must have another form; "f" was given.',
    ])
  })
})
