import { describe, expect, it } from 'vitest'
import { schemaGrammar } from './schemaGrammar.ts'

describe('a schema as a grammar', () => {
  it.each<[string, unknown, string]>([
    ['is no object', 7, '7 is no schema'],
    ['is a list', [], '[] is no schema'],
    ['allows nothing', false, 'allows nothing'],
    ['has an unknown type', { type: 'strin' }, 'the type "strin" is not known'],
    ['has an unknown word', { type: 'string', contentEncoding: 'base64' }, 'its word "contentEncoding"'],
    ['has a word of another type', { type: 'string', minimum: 1 }, 'its word "minimum"'],
    [
      'says more beside a reference',
      { $ref: '#/$defs/a', minimum: 1, $defs: { a: {} } },
      'its word "minimum"',
    ],
    ['wants one schema alone to hold', { oneOf: [{}, {}] }, 'its word "oneOf"'],
    ['wants several schemas to hold', { allOf: [{}, {}] }, '"allOf" with more than one'],
    ['has an empty list of values', { enum: [] }, '"enum" is no list, or empty'],
    ['has values of other types alone', { enum: [1, 2], type: 'string' }, 'allows nothing'],
    ['has an unknown format', { type: 'string', format: 'colour' }, 'the format "colour"'],
    ['counts in halves', { type: 'array', maxItems: 1.5 }, '"maxItems" is no count'],
    ['has lists that end before they begin', { type: 'array', minItems: 3, maxItems: 2 }, 'no length'],
    ['has a bound that is no number', { type: 'number', minimum: '1' }, '"minimum" is no number'],
    ['refers to another document', { $ref: 'other.json' }, 'leads to nothing'],
    ['refers to a method of objects', { $ref: '#/constructor' }, 'leads to nothing'],
    ['is only itself', { $ref: '#' }, 'leads to itself'],
  ])('is refused where it %s', (_, schema, message) => {
    expect(() => schemaGrammar(schema)).toThrow(message)
  })

  it('writes what it refers to once, and can refer to itself', () => {
    const schema = {
      type: 'object',
      properties: { a: { $ref: '#/$defs/x~1y' }, b: { $ref: '#/$defs/x~1y' }, c: { $ref: '#' } },
      $defs: { 'x/y': { type: 'object', properties: { 'only here': {} } } },
    }
    expect(schemaGrammar(schema).match(/only here/g)).toHaveLength(1)
  })

  it('does not grow with the number of ways to leave properties out', () => {
    const properties = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [`p${i}`, { type: 'integer' }]),
    )
    expect(schemaGrammar({ type: 'object', properties }).length).toBeLessThan(40_000)
  })

  it('leaves titles, descriptions and other notes alone', () => {
    const notes = { title: 'T', description: 'D', default: 1, examples: [1], $schema: 'S', $comment: 'C' }
    expect(schemaGrammar({ type: 'integer', ...notes })).toBe(schemaGrammar({ type: 'integer' }))
  })
})
