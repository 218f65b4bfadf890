import { expect, test } from 'vitest'
import { decodeBase64, encodeBase64 } from './base64.ts'

test('text that is not the one spelling of its bytes is refused', () => {
  for (const text of [
    'A',
    'AA',
    'AA=',
    'AAA',
    'AB==',
    'AAB=',
    '=AAA',
    'A=AA',
    'AA==AAAA',
    'AA-_',
    'AAA\n',
    'AA ==',
    '====',
  ]) {
    expect(() => decodeBase64(text, 'It'), text).toThrow(/is not base64/)
  }
})

test('the examples of RFC 4648 section 10, and every length, agree with Node', () => {
  expect(['', 'f', 'fo', 'foo', 'foob'].map((text) => encodeBase64(Buffer.from(text)))).toEqual([
    '',
    'Zg==',
    'Zm8=',
    'Zm9v',
    'Zm9vYg==',
  ])
  for (let length = 0; length < 70; length++) {
    const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * 151 + length * 7) & 255))
    expect(encodeBase64(bytes)).toBe(bytes.toString('base64'))
    expect(Buffer.from(decodeBase64(bytes.toString('base64'), 'It'))).toEqual(bytes)
  }
})
