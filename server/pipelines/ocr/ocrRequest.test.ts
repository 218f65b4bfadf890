import { describe, expect, it } from 'vitest'
import { parseOcrRequest } from './ocrRequest.ts'

describe('parseOcrRequest', () => {
  it('names a field that it does not have', () => {
    expect(() => parseOcrRequest({ image: 'AAAA', language: 'en' })).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param: 'language' }),
    )
  })

  it.each([
    [{}, '`image` is missing'.replace('` ', '`: ')],
    [{ image: 7 }, '`image`'],
    [{ image: '' }, 'empty'],
    [{ image: 'data:image/png;base64,AAAA' }, 'no `data:` prefix'],
    [{ image: 'AAAA', store: true }, '`store`'],
    [{ image: 'AAAA', service_tier: 'flex' }, '`service_tier`'],
    ['text', 'JSON object'],
    [null, 'JSON object'],
  ])('refuses %j', (body, words) => {
    expect(() => parseOcrRequest(body)).toThrow(
      expect.objectContaining({ code: 'invalid_value', message: expect.stringContaining(words) }),
    )
  })

  it('decodes the image and takes the fields that change nothing', () => {
    const body = parseOcrRequest({
      model: 'pp-ocrv4',
      image: 'iVBORw==',
      user: 'u',
      metadata: { a: 'b' },
      store: false,
      service_tier: 'auto',
      safety_identifier: 's',
      prompt_cache_key: 'k',
    })
    expect(body).toEqual({ model: 'pp-ocrv4', image: Uint8Array.of(0x89, 0x50, 0x4e, 0x47) })
  })
})
