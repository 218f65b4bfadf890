import { type Bounds, decimalRange, integerRange } from './numberRange.ts'
import { patternLanguage } from './patternLanguage.ts'
import {
  choice,
  digit,
  oneOf,
  optional,
  plain,
  type Regular,
  repeat,
  sequence,
  set,
  text,
} from './regular.ts'
import type { SchemaWords } from './schemaWords.ts'
import { stringFormats } from './stringFormats.ts'

const hex = set([0x30, 0x39], [0x41, 0x46], [0x61, 0x66])
const escapes = sequence(text('\\'), choice(oneOf('"\\/bfnrt'), sequence(text('u'), repeat(hex, 4, 4))))
const whole = sequence(optional(text('-')), choice(text('0'), sequence(digit(1), repeat(digit(), 0, 17))))

/** The types without bounds, each like the rule of its name in jsonRules. */
export const unbounded = {
  string: quoted(repeat(choice(plain, escapes), 0, null)),
  integer: whole,
  number: sequence(
    whole,
    optional(sequence(text('.'), repeat(digit(), 1, 17))),
    optional(sequence(oneOf('eE'), optional(oneOf('+-')), repeat(digit(), 1, 2))),
  ),
} as const

export const booleans = choice(text('true'), text('false'))

export function quoted(inner: Regular): Regular {
  return sequence(text('"'), inner, text('"'))
}

/** Numbers of a schema. @throws Error when there are none */
export function numberLanguage(type: 'integer' | 'number', words: SchemaWords): Regular {
  const bounds: Bounds = {
    minimum: words.number('minimum'),
    maximum: words.number('maximum'),
    exclusiveMinimum: words.number('exclusiveMinimum'),
    exclusiveMaximum: words.number('exclusiveMaximum'),
  }
  if (Object.values(bounds).every((bound) => bound === undefined)) return unbounded[type]
  return type === 'integer' ? integerRange(bounds) : decimalRange(bounds)
}

/** Strings of a schema's pattern or format; null where it has neither. @throws Error naming what no grammar keeps */
export function patternedStrings(words: SchemaWords): Regular | null {
  const [pattern, format] = [words.get('pattern'), words.get('format')]
  if (pattern !== undefined) return quoted(patternLanguage(String(pattern)))
  if (format === undefined) return null
  const known = stringFormats[String(format)]
  if (known === undefined) throw new Error(`the format ${JSON.stringify(format)} is not known`)
  return quoted(patternLanguage(known))
}

/** As json.dumps writes a value. */
export function dumps(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(dumps).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const pairs = Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${dumps(one)}`)
  return `{${pairs.join(', ')}}`
}
