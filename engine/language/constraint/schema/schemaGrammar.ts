import { anyOf, literal } from './ebnfText.ts'
import { jsonRules } from './jsonRules.ts'
import { type Bounds, decimalRange, integerRange } from './numberRange.ts'
import { otherKeys } from './otherKeys.ts'
import { patternGrammar } from './patternGrammar.ts'
import { PlainLengths } from './plainLengths.ts'
import { stringFormats } from './stringFormats.ts'

type Schema = Record<string, unknown>

/** Words that bind no value. */
const notes = [
  '$schema',
  '$id',
  '$comment',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  '$defs',
  'definitions',
]
const boundWords = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'] as const
const types = ['object', 'array', 'string', 'integer', 'number', 'boolean', 'null'] as const
type Type = (typeof types)[number]
/** Deepest schema, levels, references followed where they first stand. */
const MAX_DEPTH = 100

/**
 * A JSON schema as a grammar in xgrammar's EBNF, of which every text is JSON that the schema allows: written as
 * json.dumps writes it, properties in the schema's order, none beside them unless `additionalProperties` says so, strings of
 * a given length or pattern without anything that JSON escapes. Xgrammar's own conversion (0.1.27) is not used: its number
 * ranges, string lengths and property names with quotes allow what the schema does not.
 * @throws Error naming what no grammar keeps
 */
export function schemaGrammar(schema: unknown): string {
  return new SchemaGrammar(schema).text()
}

class SchemaGrammar {
  readonly #root: unknown
  readonly #rules = new Map<string, string>(Object.entries(jsonRules))
  /** Rules of what references lead to, by reference. */
  readonly #references = new Map<string, string>()
  readonly #lengths = new PlainLengths((body) => this.#rule(body))
  #depth = 0

  constructor(root: unknown) {
    this.#root = root
  }

  text(): string {
    const root = this.#reference('#')
    return [`root ::= ${root}`, ...[...this.#rules].map(([name, body]) => `${name} ::= ${body}`)].join('\n')
  }

  #rule(body: string): string {
    const name = `r${this.#rules.size}`
    this.#rules.set(name, body)
    return name
  }

  #reference(reference: string): string {
    const known = this.#references.get(reference)
    if (known) return known
    const target = resolve(this.#root, reference)
    // Named before it is written, as it may refer to itself.
    const name = this.#rule('')
    this.#references.set(reference, name)
    const body = this.#body(target)
    if (body === name) throw new Error(`the reference ${JSON.stringify(reference)} leads to itself`)
    this.#rules.set(name, body)
    return name
  }

  #body(given: unknown): string {
    if (this.#depth > MAX_DEPTH) throw new Error(`it is nested more than ${MAX_DEPTH} levels deep`)
    this.#depth++
    const body = this.#bodyOfAny(given)
    this.#depth--
    return body
  }

  #bodyOfAny(given: unknown): string {
    if (given === true) return 'value'
    if (given === false) throw new Error('it has a part that allows nothing')
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      throw new Error(`${JSON.stringify(given)} is no schema`)
    const words = new Words(given as Schema)
    const body = this.#bodyOf(words)
    words.refuseRest()
    return body
  }

  #bodyOf(words: Words): string {
    const reference = words.take('$ref')
    if (typeof reference === 'string') return this.#reference(reference)
    for (const word of ['const', 'enum'] as const) {
      if (!words.has(word)) continue
      const value = words.take(word)
      const kinds = typesOf(words)
      const values = word === 'const' ? [value] : listOf(value, word)
      const fitting = values.filter((one) => kinds.length === 0 || kinds.some((type) => isOf(type, one)))
      return anyOf(fitting.map((one) => literal(dumps(one))))
    }
    if (words.has('anyOf')) {
      return anyOf(listOf(words.take('anyOf'), 'anyOf').map((one) => this.#rule(this.#body(one))))
    }
    if (words.has('allOf')) {
      const [only, ...others] = listOf(words.take('allOf'), 'allOf')
      if (others.length > 0)
        throw new Error('its word "allOf" with more than one schema is kept by no grammar')
      return this.#body(only)
    }
    const kinds = typesOf(words)
    return kinds.length === 0 ? 'value' : anyOf(kinds.map((type) => this.#rule(this.#typed(type, words))))
  }

  #typed(type: Type, words: Words): string {
    switch (type) {
      case 'null':
        return '"null"'
      case 'boolean':
        return '"true" | "false"'
      case 'integer':
      case 'number': {
        const bounds: Bounds = {}
        for (const word of boundWords) if (words.has(word)) bounds[word] = numberOf(words.look(word), word)
        if (Object.keys(bounds).length === 0) return type
        return type === 'integer' ? integerRange(bounds) : decimalRange(bounds)
      }
      case 'string':
        return stringBody(words, this.#lengths)
      case 'array':
        return this.#array(words)
      case 'object':
        return this.#object(words)
      default:
        return type satisfies never
    }
  }

  #array(words: Words): string {
    const [least, most] = [
      countOf(words.look('minItems'), 'minItems') ?? 0,
      countOf(words.look('maxItems'), 'maxItems'),
    ]
    const prefix = words.has('prefixItems') ? listOf(words.look('prefixItems'), 'prefixItems') : []
    const items = words.look('items')
    const first = prefix.map((one) => this.#rule(this.#body(one)))
    const isClosed = items === false || (items === undefined && prefix.length > 0)
    const [from, to] = [
      Math.max(0, least - prefix.length),
      isClosed ? 0 : most === undefined ? undefined : most - prefix.length,
    ]
    if (to !== undefined && to < from) throw new Error('its lists can have no length')
    const item = to === 0 ? null : this.#rule(items === undefined ? 'value' : this.#body(items))
    if (first.length > 0) {
      const more = item ? ` (", " ${item})${times(from, to)}` : ''
      return `"[" ${first.join(' ", " ')}${more} "]"`
    }
    if (!item) return '"[]"'
    const some = `"[" ${item} (", " ${item})${times(Math.max(0, from - 1), to === undefined ? to : to - 1)} "]"`
    return from === 0 ? `"[]" | ${some}` : some
  }

  #object(words: Words): string {
    const properties = new Map(Object.entries((words.look('properties') ?? {}) as object))
    const required = words.has('required') ? listOf(words.look('required'), 'required', 0) : []
    const given = words.look('additionalProperties')
    // Without properties or a word about others, any object.
    const others = given ?? (properties.size === 0 && required.length === 0)
    for (const name of required) if (!properties.has(String(name))) properties.set(String(name), others)
    const pairs = [...properties].map(([name, schema]) => ({
      text: `${literal(`${JSON.stringify(name)}: `)} ${this.#rule(this.#body(schema))}`,
      isRequired: required.includes(name),
    }))
    let [first, later] = ['""', '""']
    if (others !== false) {
      const key = this.#rule(otherKeys([...properties.keys()], (body) => this.#rule(body)))
      const pair = this.#rule(`${key} ": " ${this.#rule(this.#body(others))}`)
      ;[first, later] = [`(${pair} (", " ${pair})*)?`, `(", " ${pair})*`]
    }
    // From the last property to the first: what follows where nothing came before, and where something did.
    for (const { text, isRequired } of pairs.reverse()) {
      const [nextFirst, nextLater] = [this.#rule(first), this.#rule(later)]
      first = isRequired ? `${text} ${nextLater}` : `${text} ${nextLater} | ${nextFirst}`
      later = isRequired ? `", " ${text} ${nextLater}` : `", " ${text} ${nextLater} | ${nextLater}`
    }
    return `"{" ${this.#rule(first)} "}"`
  }
}

/** The words of one schema; those that nobody asked for are refused. */
class Words {
  readonly #words: Map<string, unknown>
  readonly #asked = new Set<string>(notes)

  constructor(schema: Schema) {
    this.#words = new Map(Object.entries(schema).filter(([, value]) => value !== undefined))
  }

  has(word: string): boolean {
    return this.#words.has(word)
  }

  look(word: string): unknown {
    this.#asked.add(word)
    return this.#words.get(word)
  }

  take(word: string): unknown {
    const value = this.look(word)
    this.#words.delete(word)
    return value
  }

  refuseRest(): void {
    const left = [...this.#words.keys()].find((word) => !this.#asked.has(word))
    if (left !== undefined) throw new Error(`its word ${JSON.stringify(left)} is kept by no grammar here`)
  }
}

function typesOf(words: Words): readonly Type[] {
  const given = words.take('type')
  if (given === undefined) {
    if (words.has('properties') || words.has('additionalProperties') || words.has('required'))
      return ['object']
    return words.has('items') || words.has('prefixItems') ? ['array'] : []
  }
  return (Array.isArray(given) ? given : [given]).map((type) => {
    if (!types.includes(type as Type)) throw new Error(`the type ${JSON.stringify(type)} is not known`)
    return type as Type
  })
}

function isOf(type: Type, value: unknown): boolean {
  if (value === null) return type === 'null'
  if (Array.isArray(value)) return type === 'array'
  return type === 'integer' ? Number.isInteger(value) : typeof value === type
}

function stringBody(words: Words, lengths: PlainLengths): string {
  const [least, most] = [
    countOf(words.look('minLength'), 'minLength') ?? 0,
    countOf(words.look('maxLength'), 'maxLength'),
  ]
  const format = words.look('format')
  if (words.has('pattern')) return `"\\"" ${patternGrammar(String(words.look('pattern')))} "\\""`
  if (format !== undefined) {
    const pattern = stringFormats[String(format)]
    if (pattern === undefined) throw new Error(`the format ${JSON.stringify(format)} is not known`)
    return `"\\"" ${patternGrammar(pattern)} "\\""`
  }
  if (most !== undefined && most < least) throw new Error('its strings can have no length')
  if (most !== undefined) return `"\\"" ${lengths.between(least, most)} "\\""`
  return least === 0 ? 'string' : `"\\"" ${lengths.exactly(least)} string_rest`
}

const times = (least: number, most: number | undefined): string =>
  least === 0 && most === undefined ? '*' : `{${least},${most ?? ''}}`

function listOf(value: unknown, word: string, least = 1): unknown[] {
  if (Array.isArray(value) && value.length >= least) return value
  throw new Error(`its word "${word}" is no list, or empty`)
}

function numberOf(value: unknown, word: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new Error(`its word "${word}" is no number`)
}

function countOf(value: unknown, word: string): number | undefined {
  if (value === undefined || (Number.isInteger(value) && Number(value) >= 0))
    return value as number | undefined
  throw new Error(`its word "${word}" is no count`)
}

/** As json.dumps writes it. */
function dumps(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(dumps).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([name, one]) => `${JSON.stringify(name)}: ${dumps(one)}`)
    .join(', ')}}`
}

/** What a reference leads to: a JSON pointer into the schema. */
function resolve(root: unknown, reference: string): unknown {
  let target = root
  const steps = reference.startsWith('#')
    ? decodeURIComponent(reference.slice(1)).split('/').slice(1)
    : [reference]
  for (const step of steps) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
    const isThere = typeof target === 'object' && target !== null && Object.hasOwn(target, name)
    if (!isThere) throw new Error(`the reference ${JSON.stringify(reference)} leads to nothing`)
    target = (target as Schema)[name]
  }
  return target
}
