import { describe, expect, it } from 'vitest'
import { parseEmbeddingsRequest } from './embeddingsRequest.ts'

const model = 'all-minilm-l6-v2'

describe('parseEmbeddingsRequest', () => {
  it.each(['dimensions', 'truncate', 'stream'])('names the field %s, which it does not have', (field) => {
    expect(() => parseEmbeddingsRequest({ model, input: 'a', [field]: 384 })).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param: field }),
    )
  })

  it.each([
    [{ model }, 'input', '`input`: is missing'],
    [{ input: 'a' }, 'model', '`model`: is missing'],
    [{ model: '', input: 'a' }, 'model', '`model`'],
    [{ model, input: '' }, 'input', '`input`: is an empty string'],
    [{ model, input: [] }, 'input', '`input`: is an empty array'],
    [{ model, input: ['a', ''] }, 'input', '`input[1]`: is an empty string'],
    [{ model, input: ['a', 7] }, 'input', '`input[1]`'],
    [{ model, input: [1, 2, 3] }, 'input', 'token ids'],
    [{ model, input: [[1, 2], [3]] }, 'input', 'token ids'],
    [{ model, input: 7 }, 'input', '`input`'],
    [{ model, input: null }, 'input', '`input`'],
    [{ model, input: new Array(2049).fill('a') }, 'input', 'has 2049 texts, at most 2048'],
    [{ model, input: 'a', encoding_format: 'int8' }, 'encoding_format', '`float` or `base64`'],
    [{ model, input: 'a', store: true }, 'store', '`store`'],
  ])('refuses %j', (body, param, words) => {
    expect(() => parseEmbeddingsRequest(body)).toThrow(
      expect.objectContaining({ code: 'invalid_value', param, message: expect.stringContaining(words) }),
    )
  })

  it.each([[[]], ['text'], [null], [undefined], [7]])('refuses %j as a body', (body) => {
    expect(() => parseEmbeddingsRequest(body)).toThrow(expect.objectContaining({ code: 'invalid_value' }))
  })

  it('makes one text a list and floats the default', () => {
    expect(parseEmbeddingsRequest({ model, input: 'a' })).toEqual({
      model,
      input: ['a'],
      encoding_format: 'float',
    })
  })

  it('takes the fields that change nothing', () => {
    const inert = {
      user: 'u',
      metadata: { a: 'b' },
      store: false,
      service_tier: 'default',
      safety_identifier: 's',
      prompt_cache_key: 'k',
    }
    expect(parseEmbeddingsRequest({ model, input: ['a', 'b'], encoding_format: 'base64', ...inert })).toEqual(
      {
        model,
        input: ['a', 'b'],
        encoding_format: 'base64',
      },
    )
  })
})
