import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createConstraint } from '../createConstraint.ts'
import { allowed, END, tokenizer } from '../grammarTestbed.ts'
import { accepts, automatonOf } from './automaton.ts'
import { GrammarRules } from './grammarRules.ts'
import { choice, oneOf, plain, type Regular, repeat, sequence, set, text } from './regular.ts'
import { regularGrammar } from './regularGrammar.ts'

const grammarOf = (regular: Regular): string => {
  const rules = new GrammarRules({})
  return rules.text(regularGrammar(regular, rules))
}

/** Whether the grammar's matcher takes a whole text. */
async function isTaken(grammar: string, given: string): Promise<boolean> {
  const constraint = await createConstraint({ kind: 'ebnf', grammar }, tokenizer, [END])
  try {
    for (const id of tokenizer.encode(given)) constraint.accept(id)
    return allowed(await constraint.mask()).includes(END)
  } catch {
    return false
  } finally {
    constraint.dispose()
  }
}

/** Languages of a, b, c and é whose parts begin alike time and again. */
const { regular: languages } = fc.letrec<{ regular: Regular }>((tie) => {
  const letters = fc.constantFrom('a', 'b', 'c', 'ab', 'bc', 'abc', 'é', 'aé').map(oneOf)
  const parts = fc.array(tie('regular'), { minLength: 1, maxLength: 3 })
  return {
    regular: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      letters,
      parts.map((all) => sequence(...all)),
      parts.map((all) => choice(...all)),
      fc
        .tuple(tie('regular'), fc.constantFrom([0, 1], [0, null], [1, null], [2, 2], [1, 3]))
        .map(([part, [least, most]]) => repeat(part, least as number, most ?? null)),
    ),
  }
})

describe('the grammar of a regular language', () => {
  it('is written with runs and texts where there is one way', () => {
    const digits = repeat(oneOf('01'), 4, 4)
    expect(grammarOf(sequence(text('null'), digits, text('!')))).toBe('root ::= "null" [0-1]{4} [\\u0021]')
    expect(grammarOf(repeat(oneOf('ab'), 0, null))).toBe('root ::= [a-b]*')
    expect(grammarOf(sequence())).toBe('root ::= ""')
  })

  it('leaves one way where alternatives begin alike', () => {
    expect(grammarOf(choice(text('ab'), text('a'), text('ac')))).toBe('root ::= [a] ([b-c])?')
  })

  it('takes no 007 where the matcher would take it from alternatives', { timeout: 30_000 }, async () => {
    const digit = oneOf('0123456789')
    const other = oneOf('123456789')
    const whole = choice(digit, sequence(other, digit), sequence(other, digit, digit))
    const grammar = grammarOf(sequence(whole, repeat(text('.'), 0, 1)))
    expect(await isTaken(grammar, '0')).toBe(true)
    expect(await isTaken(grammar, '100.')).toBe(true)
    expect(await isTaken(grammar, '00')).toBe(false)
    expect(await isTaken(grammar, '007')).toBe(false)
  })

  it('takes what its automaton accepts', { timeout: 60_000 }, async () => {
    const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é'), maxLength: 7 }), {
      minLength: 8,
      maxLength: 8,
    })
    await fc.assert(
      fc.asyncProperty(languages, texts, async (regular, all) => {
        const automaton = automatonOf(regular)
        const grammar = grammarOf(regular)
        for (const one of all)
          expect(await isTaken(grammar, one), `${grammar} of ${one}`).toBe(accepts(automaton, one))
      }),
      { numRuns: Number(process.env.RUNS ?? 60) },
    )
  })

  it('lists characters beyond ASCII, or takes them all', () => {
    expect(grammarOf(set([0x61, 0x63], [0xe9, 0xea]))).toBe('root ::= ([a-c] | "\\u00e9" | "\\u00ea")')
    expect(grammarOf(plain)).toBe('root ::= [^\\u0000-\\u001f\\u0022\\u005c]')
    expect(() => grammarOf(set([0x4e00, 0x9fff]))).toThrow('20992 characters beyond ASCII')
  })

  it('is refused where it is too large', () => {
    const many = repeat(repeat(oneOf('a'), 0, 1000), 0, 1000)
    expect(() => grammarOf(many)).toThrow('more than 100000 characters')
    const undecided = sequence(repeat(oneOf('ab'), 0, null), text('a'), repeat(oneOf('ab'), 20, 20))
    expect(() => grammarOf(undecided)).toThrow('more than 10000 places')
  })
})
