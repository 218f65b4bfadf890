import { describe, expect, it } from 'vitest'
import { readSchema } from './jsonSchema.ts'
import { nestSchemas } from './nestSchemas.ts'

const strict = (schema: unknown) => readSchema(schema, { strict: true, param: 's' })
const loose = (schema: unknown) => readSchema(schema, { strict: false, param: 's' })
const object = (properties: Record<string, unknown>) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
})

describe('a schema from a request', () => {
  const refused: [string, unknown, RegExp][] = [
    ['that is a list', [], /must be an object/],
    ['of an unknown type', { type: 'strin' }, /s\.type.*must be one of string/],
    ['of no type at all', { type: [] }, /empty array/],
    ['that allows nothing', object({ a: false }), /allows nothing/],
    ['with properties that are a list', { type: 'object', properties: [] }, /must be an object/],
    ['with a required stranger', { ...object({}), required: ['b'] }, /lists `b`/],
    ['with a required number', { type: 'object', required: [1] }, /array of strings/],
    ['with a length of a text', { type: 'string', minLength: 'x' }, /integer from 0/],
    ['with a negative length', { type: 'string', maxLength: -1 }, /integer from 0/],
    ['with lengths the wrong way round', { type: 'string', minLength: 3, maxLength: 2 }, /more than/],
    ['with bounds the wrong way round', { type: 'integer', minimum: 3, maximum: 2 }, /more than/],
    [
      'without a number between its bounds',
      { type: 'integer', exclusiveMinimum: 2, exclusiveMaximum: 3 },
      /no number/,
    ],
    ['with a bound that is no integer', { type: 'integer', minimum: 0.5 }, /integer below/],
    ['with an endless bound', { type: 'number', minimum: Number.POSITIVE_INFINITY }, /must be a number/],
    ['with an empty enum', { enum: [] }, /empty array/],
    ['with an empty anyOf', { anyOf: [] }, /empty array/],
    ['with a reference to nowhere', object({ a: { $ref: '#/$defs/b' } }), /leads nowhere/],
    ['with a reference to the web', object({ a: { $ref: 'http://a/b' } }), /must be `#`/],
    ['with a reference to a prototype', { $defs: {}, $ref: '#/$defs/constructor' }, /leads nowhere/],
    ['with a reference to itself', { $ref: '#' }, /leads back to itself/],
    [
      'with a circle of references',
      {
        $ref: '#/$defs/a',
        $defs: { a: { anyOf: [{ $ref: '#/$defs/b' }, { type: 'null' }] }, b: { $ref: '#/$defs/a' } },
      },
      /leads back to itself/,
    ],
    ['with a pattern that is no text', { type: 'string', pattern: 7 }, /must be a string/],
    ['with fewer items than its prefix', { prefixItems: [{}, {}], maxItems: 1 }, /less than the items/],
    [
      'with more items than its prefix',
      { prefixItems: [{}], items: false, minItems: 2 },
      /more than the items/,
    ],
    [
      'with more than a thousand properties',
      object(Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`p${i}`, {}]))),
      /1000 properties/,
    ],
    [
      'with more than a thousand enum values',
      { enum: Array.from({ length: 1001 }, (_, i) => i) },
      /1000 enum values/,
    ],
    ['of too many characters', object({ a: { const: 'x'.repeat(70_000) } }), /characters/],
  ]
  it.each(refused)('%s is refused', (_, schema, message) => {
    expect(() => loose(schema)).toThrow(message)
    expect(() => loose(schema)).toThrow(expect.objectContaining({ code: 'invalid_value' }))
  })

  it('is refused when it is too deep, before anything walks down', () => {
    let deep: object = { type: 'string' }
    for (let i = 0; i < 25; i++) deep = { type: 'array', items: deep }
    expect(() => loose(deep)).toThrow(/nested more than 24/)
  })

  it('loses its notes, and keeps what binds', () => {
    expect(
      strict({
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        title: 'Place',
        ...object({
          name: { type: 'string', description: 'a name', minLength: 1 },
          height: { type: ['number', 'null'], minimum: 0 },
          kind: { type: 'string', enum: ['peak', 'pass'], default: 'peak' },
        }),
      }),
    ).toEqual({
      ...object({
        name: { type: 'string', minLength: 1 },
        height: { anyOf: [{ type: 'number', minimum: 0 }, { type: 'null' }] },
        kind: { enum: ['peak', 'pass'] },
      }),
    })
  })

  it('keeps properties that are called like words of schemas', () => {
    const schema = object({
      type: { type: 'string' },
      $ref: { type: 'null' },
      properties: { type: 'integer' },
    })
    expect(strict(schema)).toEqual(schema)
  })

  it.each([
    ['an open object', { type: 'object', properties: {} }, /additionalProperties.*false/],
    [
      'an optional property',
      { type: 'object', properties: { a: {} }, required: [], additionalProperties: false },
      /`a` is missing/,
    ],
    ['oneOf', object({ a: { oneOf: [{ type: 'null' }] } }), /oneOf/],
    ['allOf', object({ a: { allOf: [{ type: 'null' }, {}] } }), /allOf/],
    ['not', object({ a: { type: 'string', not: {} } }), /not.*not taken/],
    ['multipleOf', object({ a: { type: 'integer', multipleOf: 2 } }), /multipleOf/],
    ['uniqueItems', object({ a: { type: 'array', items: {}, uniqueItems: true } }), /uniqueItems/],
    ['a look-ahead', object({ a: { type: 'string', pattern: '(?=x)' } }), /look-around/],
    ['an unknown format', object({ a: { type: 'string', format: 'isbn' } }), /format.*must be one of/],
  ])('with %s is refused where it is strict', (_, schema, message) => {
    expect(() => strict(schema)).toThrow(message)
    expect(() => loose(schema)).not.toThrow()
  })

  it('allows more where it is not strict and no grammar can keep it', () => {
    expect(loose({ type: 'string', pattern: '(?=x)', not: {} })).toEqual({ type: 'string' })
    expect(loose({ oneOf: [{ type: 'null' }, { type: 'string' }] })).toEqual({
      anyOf: [{ type: 'null' }, { type: 'string' }],
    })
    expect(loose({ allOf: [{ type: 'null' }, { type: 'string' }] })).toEqual({})
    expect(loose({ if: {}, else: {} })).toEqual({})
  })

  it('has the properties that it requires', () => {
    expect(loose({ type: 'object', properties: {}, required: ['a'] })).toEqual({
      type: 'object',
      properties: { a: {} },
      required: ['a'],
    })
    expect(() => loose({ type: 'object', required: ['a'], additionalProperties: false })).toThrow(/forbids/)
  })

  it('loses bounds that no grammar can write, where it is not strict', () => {
    const tiny = { type: 'number', minimum: 1e-20, maximum: 1e300 }
    expect(loose(tiny)).toEqual({ type: 'number' })
    expect(() => strict(object({ a: tiny }))).toThrow(/at most 15 decimals/)
    expect(() => loose({ type: 'number', exclusiveMinimum: 0.5, exclusiveMaximum: 0.5 })).toThrow(/no number/)
  })

  it('may lead back to itself through a property', () => {
    const list = {
      ...object({ next: { anyOf: [{ $ref: '#/$defs/list' }, { type: 'null' }] } }),
    }
    const schema = { $ref: '#/$defs/list', $defs: { list } }
    expect(strict(schema)).toEqual(schema)
  })
})

describe('several schemas in one', () => {
  it('keep their own definitions apart', () => {
    const tree = {
      ...object({ child: { anyOf: [{ $ref: '#' }, { $ref: '#/$defs/leaf' }] } }),
      $defs: { leaf: { type: 'null' } },
    }
    const other = {
      $ref: '#/definitions/leaf',
      definitions: { leaf: object({ $ref: { const: { $ref: '#' } } }) },
    }
    const nested = nestSchemas([tree, other], (schema, index) => ({ wrapped: index, schema }))
    expect(nested).toEqual({
      anyOf: [
        { wrapped: 0, schema: { $ref: '#/$defs/0' } },
        { wrapped: 1, schema: { $ref: '#/$defs/1' } },
      ],
      $defs: {
        '0': object({ child: { anyOf: [{ $ref: '#/$defs/0' }, { $ref: '#/$defs/0_$defs_leaf' }] } }),
        '0_$defs_leaf': { type: 'null' },
        '1': { $ref: '#/$defs/1_definitions_leaf' },
        '1_definitions_leaf': object({ $ref: { const: { $ref: '#' } } }),
      },
    })
  })
})
