import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { OpentabError } from '../../../protocol/errors.ts'
import type { Constraint } from '../../../protocol/generation.ts'
import { createConstraint } from './createConstraint.ts'
import { GrammarHost } from './grammarHost.ts'
import { allowedTexts, END, idOf, seeded, tokenizer, walk } from './grammarTestbed.ts'
import { stringFormats } from './schema/stringFormats.ts'
import type { TokenConstraint } from './tokenConstraint.ts'

const open = (constraint: Constraint, endTokens: readonly number[] = [END]): Promise<TokenConstraint> =>
  createConstraint(constraint, tokenizer, endTokens)
const schemaOf = (schema: object): Constraint => ({ kind: 'json_schema', schema: JSON.stringify(schema) })

/** Texts of a constraint by walks of several seeds; those that do not end are left out. */
async function textsOf(constraint: Constraint, walks: number): Promise<string[]> {
  const texts: string[] = []
  for (let seed = 0; seed < walks; seed++) {
    const opened = await open(constraint)
    const text = await walk(opened, seeded(seed))
    if (text !== null) texts.push(text)
    opened.dispose()
  }
  return texts
}

async function acceptText(constraint: TokenConstraint, text: string): Promise<Uint32Array> {
  for (const id of tokenizer.encode(text)) constraint.accept(id)
  return constraint.mask()
}

describe('a constraint that does not compile', () => {
  it.each<[string, Constraint, string]>([
    ['a type that there is not', schemaOf({ type: 'strin' }), 'the type "strin" is not known'],
    ['a reference to nothing', schemaOf({ $ref: '#/$defs/none' }), 'leads to nothing'],
    ['a schema that is only itself', schemaOf({ $ref: '#' }), 'leads to itself'],
    [
      'a schema that is only itself in turns',
      schemaOf({
        anyOf: [{ $ref: '#/$defs/a' }],
        $defs: { a: { anyOf: [{ $ref: '#/$defs/b' }] }, b: { $ref: '#/$defs/a' } },
      }),
      'The JSON schema cannot be kept to',
    ],
    [
      'a word that no grammar keeps',
      schemaOf({ type: 'array', uniqueItems: true }),
      'its word "uniqueItems"',
    ],
    [
      'text that is no JSON',
      { kind: 'json_schema', schema: '{"type":' },
      'The JSON schema cannot be kept to',
    ],
    ['a rule that is not there', { kind: 'ebnf', grammar: 'root ::= other' }, 'Rule "other" is not defined'],
    ['a grammar without root', { kind: 'ebnf', grammar: 'a ::= "a"' }, 'The grammar cannot be kept to'],
    ['no grammar at all', { kind: 'ebnf', grammar: '(((' }, 'The grammar cannot be kept to'],
    [
      'a tag that no trigger begins',
      { kind: 'tags', triggers: ['<x'], tags: [{ begin: '<tool>', schema: '{}', end: '</tool>' }] },
      'A schema of the tags cannot be kept to',
    ],
    [
      'a schema nested 3,000 deep',
      { kind: 'json_schema', schema: `${'{"type":"array","items":'.repeat(3000)}{}${'}'.repeat(3000)}` },
      'nested more than 100 levels deep',
    ],
    [
      'brackets nested 30,000 deep',
      { kind: 'ebnf', grammar: `root ::= ${'('.repeat(30_000)}"a"${')'.repeat(30_000)}` },
      'The grammar cannot be kept to',
    ],
  ])('is refused by name: %s', async (_, constraint, message) => {
    const refusal = await open(constraint).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(OpentabError)
    expect(refusal).toMatchObject({ code: 'invalid_value', param: 'constraint' })
    expect((refusal as OpentabError).message).toContain(message)
  })

  it('leaves open ones as they were', async () => {
    const good = await open({ kind: 'ebnf', grammar: 'root ::= "hello" ("w" | "x")' })
    await acceptText(good, 'he')
    await expect(open({ kind: 'ebnf', grammar: 'root ::= other' })).rejects.toThrow('not defined')
    expect(allowedTexts(await good.mask())).toEqual(['l', 'll'])
    expect(allowedTexts(await acceptText(good, 'llo'))).toEqual(['w', 'x'])
    good.dispose()
  })

  it('is given up when it takes too long, and others go on', async () => {
    const host = new GrammarHost(undefined, { open: 700 })
    const good = await createConstraint(
      { kind: 'ebnf', grammar: 'root ::= "hell" "o"' },
      tokenizer,
      [END],
      host,
    )
    good.accept(idOf('hell'))
    const endless: Constraint = { kind: 'ebnf', grammar: 'root ::= ([a-z]{1,3000} "x"){1,3000}' }
    await expect(createConstraint(endless, tokenizer, [END], host)).rejects.toThrow('more than 0.7 s')
    expect(allowedTexts(await good.mask())).toEqual(['o'])
    host.end()
  })
})

describe('a constraint', () => {
  it('allows at each place the tokens that can follow, and no bits beyond them', async () => {
    const constraint = await open({ kind: 'ebnf', grammar: 'root ::= "true" | "tr" [0-9]' })
    expect(allowedTexts(await constraint.mask())).toEqual(['t', 'tr', 'true'])
    expect(allowedTexts(await acceptText(constraint, 'tr'))).toEqual([...'0123456789', 'u', 'ue'])
    constraint.dispose()
  })

  it('allows an end token where the text may end, and has ended where nothing else may follow', async () => {
    const constraint = await open({ kind: 'ebnf', grammar: 'root ::= "a" "b"?' })
    expect(allowedTexts(await constraint.mask())).toEqual(['a'])
    expect(allowedTexts(await acceptText(constraint, 'a'))).toEqual(['b', 'END'])
    expect(constraint.ended).toBe(false)
    expect(allowedTexts(await acceptText(constraint, 'b'))).toEqual(['END'])
    expect(constraint.ended).toBe(true)
    constraint.dispose()
  })

  it('has ended after an end token, and allows nothing more', async () => {
    const constraint = await open({ kind: 'ebnf', grammar: 'root ::= "a"*' })
    constraint.accept(idOf('a'))
    constraint.accept(END)
    expect(constraint.ended).toBe(true)
    expect(allowedTexts(await constraint.mask())).toEqual([])
    constraint.dispose()
  })

  it('ends by itself where the model has no end token', async () => {
    const constraint = await open({ kind: 'ebnf', grammar: 'root ::= "a"' }, [])
    expect(allowedTexts(await acceptText(constraint, 'a'))).toEqual([])
    expect(constraint.ended).toBe(true)
    constraint.dispose()
  })

  it('refuses an answer with a token that it forbids, for good', async () => {
    const constraint = await open({ kind: 'json_object' })
    constraint.accept(idOf('h'))
    const refusal = { code: 'invalid_value', message: 'The answer has a token that its grammar forbids.' }
    await expect(constraint.mask()).rejects.toMatchObject(refusal)
    await expect(constraint.mask()).rejects.toMatchObject(refusal)
    constraint.dispose()
  })

  it('allows characters that are made of several tokens', async () => {
    const constraint = await open({ kind: 'ebnf', grammar: 'root ::= "😀"' })
    const ids = tokenizer.encode('😀')
    expect(ids.length).toBeGreaterThan(1)
    for (const id of ids) constraint.accept(id)
    await constraint.mask()
    expect(constraint.ended).toBe(true)
    constraint.dispose()
  })
})

describe('JSON', () => {
  it('is an object in the mode of the same name', async () => {
    const texts = await textsOf({ kind: 'json_object' }, 30)
    expect(texts.length).toBeGreaterThan(15)
    for (const text of texts) expect(JSON.parse(text)).toEqual(expect.any(Object))
    expect(texts.every((text) => text.startsWith('{'))).toBe(true)
  })

  it('has one blank after commas and colons and no other white space', async () => {
    const schema = schemaOf({
      type: 'object',
      properties: { a: { type: 'array', items: { const: 1 }, minItems: 2, maxItems: 2 } },
      required: ['a'],
    })
    expect(await textsOf(schema, 2)).toEqual(['{"a": [1, 1]}', '{"a": [1, 1]}'])
  })

  it('has no control characters in strings of a given length', async () => {
    const constraint = await open(schemaOf({ type: 'string', minLength: 1, maxLength: 3 }))
    constraint.accept(idOf('"'))
    const texts = allowedTexts(await constraint.mask())
    expect(texts).toContain('a')
    expect(texts.filter((text) => text < ' ')).toEqual([])
    constraint.dispose()
  })

  it.each([
    [0, 25],
    [3, 200],
    [40, 41],
    [1000, 1000],
  ])('has strings of %i to %i characters', async (minLength, maxLength) => {
    const constraint = await open(schemaOf({ type: 'string', minLength, maxLength }))
    const shortest = await acceptText(constraint, `"${'h'.repeat(minLength)}`)
    expect(allowedTexts(shortest).includes('"')).toBe(true)
    expect(allowedTexts(shortest).includes('h')).toBe(minLength < maxLength)
    const longest = await acceptText(constraint, 'l'.repeat(maxLength - minLength))
    expect(allowedTexts(longest)).toEqual(['"'])
    constraint.dispose()
  })

  it('has no string that is shorter', async () => {
    const constraint = await open(schemaOf({ type: 'string', minLength: 100, maxLength: 300 }))
    expect(allowedTexts(await acceptText(constraint, `"${'h'.repeat(99)}`))).not.toContain('"')
    constraint.dispose()
  })

  it('of a schema passes a validator of schemas', { timeout: 60_000 }, async () => {
    const int = fc.integer({ min: -500, max: 500 })
    const { schema } = fc.letrec((tie) => ({
      schema: fc.oneof({ maxDepth: 3 }, tie('leaf'), tie('object'), tie('array'), tie('union')),
      leaf: fc.oneof(
        fc.constantFrom<object>(
          { type: 'boolean' },
          { type: 'null' },
          { type: 'string' },
          { type: 'number' },
        ),
        fc.record({
          type: fc.constant('string'),
          minLength: fc.nat(3),
          maxLength: fc.integer({ min: 3, max: 6 }),
        }),
        fc
          .tuple(int, int)
          .map(([a, b]) => ({ type: 'integer', minimum: Math.min(a, b), maximum: Math.max(a, b) })),
        fc.tuple(int, int).map(([a, b]) => ({
          type: 'number',
          minimum: Math.min(a, b) / 10,
          exclusiveMaximum: Math.max(a, b) / 10 + 1,
        })),
        fc.constantFrom<object>({ type: 'string', pattern: '^[a-c]{2,4}$' }, { const: 'x "y"\\' }),
        fc.record({
          enum: fc.uniqueArray(fc.oneof(int, fc.constantFrom('a', 'b"c', '漢')), {
            minLength: 1,
            maxLength: 4,
          }),
        }),
      ),
      array: fc.record({
        type: fc.constant('array'),
        items: tie('schema'),
        minItems: fc.nat(2),
        maxItems: fc.integer({ min: 2, max: 3 }),
      }),
      object: fc
        .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c c', 'd"é', 'ab'), tie('schema'), fc.boolean()), {
          selector: ([name]) => name,
          maxLength: 3,
        })
        .map((properties) => ({
          type: 'object',
          properties: Object.fromEntries(properties.map(([name, inner]) => [name, inner])),
          required: properties.filter(([, , isRequired]) => isRequired).map(([name]) => name),
          additionalProperties: false,
        })),
      union: fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
    }))
    let validated = 0
    await fc.assert(
      fc.asyncProperty(schema as fc.Arbitrary<object>, async (one) => {
        const validator = z.fromJSONSchema(one as Parameters<typeof z.fromJSONSchema>[0])
        for (const text of await textsOf(schemaOf(one), 3)) {
          // Numbers beyond doubles are JSON, but no validator's numbers.
          if (/\d[eE][+-]?\d{3}|\d{300}/.test(text)) continue
          const { success, error } = validator.safeParse(JSON.parse(text))
          expect(success, `${text} by ${JSON.stringify(one)}: ${error?.message}`).toBe(true)
          validated++
        }
      }),
      { numRuns: 40 },
    )
    expect(validated).toBeGreaterThan(60)
  })

  it.each(Object.keys(stringFormats))('has strings of the format %s', async (format) => {
    const validator = z.fromJSONSchema({ type: 'string', format: format as 'date' })
    const texts = await textsOf(schemaOf({ type: 'string', format }), 8)
    expect(texts.length).toBeGreaterThan(2)
    for (const text of texts) expect(validator.safeParse(JSON.parse(text)).success, text).toBe(true)
  })

  it('has no other key that repeats a property', async () => {
    const schema = {
      type: 'object',
      properties: { a: { const: 1 }, ab: {} },
      required: ['a'],
      additionalProperties: true,
    }
    const constraint = await open(schemaOf(schema))
    expect(allowedTexts(await acceptText(constraint, '{"a": 1, "a'))).not.toContain('"')
    expect(allowedTexts(await acceptText(constraint, 'b'))).toContain('"')
    expect(allowedTexts(await acceptText(constraint, '": 2, "ab'))).not.toContain('"')
    expect(allowedTexts(await acceptText(constraint, 'c'))).toContain('"')
    constraint.dispose()
  })

  it('of a schema that refers to itself can nest', async () => {
    const tree = {
      type: 'object',
      properties: { next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } },
      required: ['next'],
    }
    const constraint = await open(schemaOf(tree))
    expect(allowedTexts(await acceptText(constraint, '{"next": {"next": null}'))).toEqual(['}'])
    constraint.dispose()
  })
})

describe('tags', () => {
  const call = JSON.stringify({ type: 'object', properties: { x: { enum: [1, 2] } }, required: ['x'] })
  const tags: Constraint = {
    kind: 'tags',
    triggers: ['<tool'],
    tags: [{ begin: '<tool>', schema: call, end: '</tool>' }],
  }

  it('leave text free and may end at once', async () => {
    const constraint = await open(tags)
    const texts = allowedTexts(await constraint.mask())
    expect(texts).toEqual(expect.arrayContaining(['a', '\n', '漢'.slice(1) || 'b', '<tool>', 'END']))
    expect(texts.length).toBeGreaterThan(250)
    constraint.dispose()
  })

  it('hold what follows their beginning to the schema, and then let text be free again', async () => {
    const constraint = await open(tags)
    expect(allowedTexts(await acceptText(constraint, 'he <tool>'))).toEqual(['{', '{"'])
    expect(allowedTexts(await acceptText(constraint, '{"x": '))).toEqual(['1', '2'])
    expect(allowedTexts(await acceptText(constraint, '2'))).toEqual(['}'])
    const after = allowedTexts(await acceptText(constraint, '}</tool>'))
    expect(after).toEqual(expect.arrayContaining(['a', 'END', '<tool>']))
    constraint.dispose()
  })
})
