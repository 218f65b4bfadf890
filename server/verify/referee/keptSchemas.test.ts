import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createConstraint } from '../../../engine/language/constraint/createConstraint.ts'
import { END, seeded, tokenizer, walk } from '../../../engine/language/constraint/grammarTestbed.ts'
import { OpentabError } from '../../../protocol/errors.ts'
import { readSchema } from '../../openai/jsonSchema.ts'

const text = fc.oneof(fc.string({ maxLength: 5 }), fc.constantFrom('a', 'b', 'a"b', '\n', 'é', 'constructor'))
const number = fc.oneof(
  fc.nat(5),
  fc.integer({ min: -1e9, max: 1e9 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0.5, 1e300, -1e-9, 2 ** 53),
)
const pattern = fc.oneof(
  fc.constantFrom(
    '^a+$',
    '.*',
    '[^,]+',
    '\\d{3}',
    '(a|b)*',
    '[\\s\\S]*',
    '[a-z0-9._%+-]+@[a-z]+',
    '(?=x)',
    '"',
  ),
  fc.constantFrom(
    '\\\\',
    '[!-~]',
    '[^"]*',
    'a{2,3}?',
    '^$',
    '',
    'x*?',
    'é+',
    '[\\w.-]+',
    'a|',
    '()',
    '^a|b$',
    '[-a]',
  ),
  fc.string({ maxLength: 6, unit: fc.constantFrom(...'ab.*+?()[]{}|^$\\dws-,"1 ') }),
)
const type = fc.constantFrom('string', 'integer', 'number', 'array', 'object', 'boolean', 'null')
const { schema } = fc.letrec<{ schema: unknown }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom({}, true, { $ref: '#' }, { $ref: '#/$defs/d' }, { $ref: '#/$defs/none' }),
    fc.record({ type: fc.constant('string'), pattern }),
    fc.record({ type: fc.constantFrom('integer', 'number'), minimum: number, maximum: number }),
    fc.record({ const: fc.jsonValue() }),
    fc.record({ enum: fc.array(fc.oneof(text, number, fc.constant(null)), { maxLength: 3 }) }),
    fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ type: fc.constant('array'), items: tie('schema'), maxItems: fc.nat(5) }),
    fc.record({
      type: fc.constant('object'),
      properties: fc.dictionary(text, tie('schema'), { maxKeys: 3 }),
    }),
    fc.record(
      {
        type: fc.oneof(type, fc.array(type, { minLength: 1, maxLength: 3 })),
        minLength: number,
        maxLength: number,
        pattern,
        format: fc.constantFrom('date', 'email', 'zip'),
        minimum: number,
        maximum: number,
        exclusiveMinimum: number,
        exclusiveMaximum: number,
        minItems: fc.nat(4),
        maxItems: fc.nat(6),
        items: fc.oneof(tie('schema'), fc.boolean()),
        prefixItems: fc.array(tie('schema'), { maxLength: 2 }),
        properties: fc.dictionary(text, tie('schema'), { maxKeys: 3 }),
        required: fc.array(text, { maxLength: 3 }),
        additionalProperties: fc.oneof(fc.boolean(), tie('schema')),
        not: tie('schema'),
        uniqueItems: fc.boolean(),
        description: text,
      },
      { requiredKeys: [] },
    ),
  ),
}))

it('every schema that the relay keeps has a grammar in the tabs, and what keeps to it is JSON', async () => {
  let kept = 0
  let texts = 0
  await fc.assert(
    fc.asyncProperty(schema, schema, fc.nat(), async (given, d, seed) => {
      let json: string
      try {
        json = JSON.stringify(
          readSchema({ ...(given as object), $defs: { d } }, { strict: false, param: 's' }),
        )
      } catch (error) {
        expect(error).toBeInstanceOf(OpentabError)
        return
      }
      kept++
      const constraint = await createConstraint({ kind: 'json_schema', schema: json }, tokenizer, [END])
      const said = await walk(constraint, seeded(seed))
      constraint.dispose()
      if (said === null) return
      texts++
      expect(() => JSON.parse(said), `${said} by ${json}`).not.toThrow()
    }),
    {
      numRuns: Number(process.env.RUNS ?? 120),
      ...(process.env.SEED ? { seed: Number(process.env.SEED) } : {}),
    },
  )
  expect(kept).toBeGreaterThan(20)
  expect(texts).toBeGreaterThan(10)
})
