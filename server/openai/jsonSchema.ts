import { MAX_GRAMMAR_CHARACTERS } from '../../protocol/generation.ts'
import { readPattern } from './schemaPattern.ts'
import { refuseBrokenRef, refuseEndlessRefs } from './schemaRefs.ts'
import { countOf, integerOf, isBound, LEAST_STEP, listOf, numberOf, objectOf } from './schemaValues.ts'
import { refuseValue } from './textFields.ts'

/** Deepest schema, levels; OpenAI has 10. */
export const MAX_SCHEMA_DEPTH = 24
/** Most properties of a whole schema, and most values of all its enums. */
const MAX_PROPERTIES = 1000
const MAX_ENUM_VALUES = 1000

const types = ['string', 'number', 'integer', 'boolean', 'null', 'object', 'array'] as const
const formats = ['date-time', 'date', 'time', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid', 'uri']

/** Words about a schema that bind no value. */
const notes = ['$schema', '$id', '$comment', 'title', 'description', 'default', 'examples', 'deprecated']

/** A schema whose every word the grammars of the tabs keep. */
export type KeptSchema = Record<string, unknown>

interface Reading {
  /** Field of the request, for errors. */
  param: string
  /** Refuse what a grammar cannot keep, instead of leaving it out. */
  strict: boolean
  root: object
  properties: number
  enumValues: number
}

/**
 * JSON Schema from a request, as one that a tab can make a grammar of: the grammar's compiler ends the whole engine on
 * some bad schemas, so that nothing may reach it that was not looked at here.
 *
 * With `strict` the rules are OpenAI's: every object lists all its properties in `required` and has
 * `additionalProperties: false`, and a word that no grammar can keep is refused by name. Without, such words are left
 * out, which only allows more.
 * @param param the request's field, for errors
 * @throws OpentabError `invalid_value` naming the place
 */
export function readSchema(
  schema: unknown,
  { strict, param }: { strict: boolean; param: string },
): KeptSchema {
  const root = objectOf(schema, param)
  const reading: Reading = { param, strict, root, properties: 0, enumValues: 0 }
  const kept = keep(root, reading, '', 0)
  for (const place of ['$defs', 'definitions'] as const) {
    const given = Reflect.get(root, place) as unknown
    if (given === undefined) continue
    const named = Object.entries(objectOf(given, `${param}.${place}`)).map(
      ([name, def]): [string, KeptSchema] => [name, keep(def, reading, `.${place}.${name}`, 1)],
    )
    kept[place] = Object.fromEntries(named)
  }
  refuseEndlessRefs(kept, param)
  const { length } = JSON.stringify(kept)
  if (length > MAX_GRAMMAR_CHARACTERS)
    refuseValue(param, `has ${length} characters; at most ${MAX_GRAMMAR_CHARACTERS} are taken`)
  return kept
}

function keep(given: unknown, reading: Reading, at: string, depth: number): KeptSchema {
  const place = `${reading.param}${at}`
  if (given === true) return {}
  if (given === false) refuseValue(place, 'is a schema that allows nothing')
  if (depth > MAX_SCHEMA_DEPTH) refuseValue(place, `is nested more than ${MAX_SCHEMA_DEPTH} levels deep`)
  const schema = new Map(Object.entries(objectOf(given, place)))
  for (const note of notes) schema.delete(note)
  if (depth === 0) for (const word of ['$defs', 'definitions']) schema.delete(word)

  for (const [word, read] of Object.entries(instead)) {
    const value = schema.get(word)
    if (value === undefined) continue
    const kept = read(value, reading, at, depth)
    schema.delete(word)
    if (word === 'enum' || word === 'const') schema.delete('type')
    refuseRest(schema, reading, place, `beside \`${word}\``)
    return kept
  }

  const kinds = typesOf(schema, place)
  if (kinds.length > 1) {
    return {
      anyOf: kinds.map((kind) => keepType(kind, new Map(schema), reading, at, depth, kinds)),
    }
  }
  if (kinds[0]) return keepType(kinds[0], schema, reading, at, depth, kinds)
  refuseRest(schema, reading, place, 'without a type')
  return {}
}

/** Words that say all of a value by themselves. */
const instead: Record<string, (value: unknown, reading: Reading, at: string, depth: number) => KeptSchema> = {
  $ref: (value, reading, at) => {
    const place = `${reading.param}${at}.$ref`
    if (typeof value !== 'string') refuseValue(place, 'must be a string')
    refuseBrokenRef(value as string, reading.root, place)
    return { $ref: value }
  },
  const: (value) => ({ const: value }),
  enum: (value, reading, at) => {
    const values = listOf(value, `${reading.param}${at}.enum`)
    reading.enumValues += values.length
    if (reading.enumValues > MAX_ENUM_VALUES)
      refuseValue(reading.param, `has more than ${MAX_ENUM_VALUES} enum values`)
    return { enum: values }
  },
  anyOf: (value, reading, at, depth) => ({ anyOf: keepAll(value, reading, `${at}.anyOf`, depth) }),
  oneOf: (value, reading, at, depth) => {
    if (reading.strict) refuseWord(`${reading.param}${at}`, 'oneOf', 'anyOf says the same')
    return { anyOf: keepAll(value, reading, `${at}.oneOf`, depth) }
  },
  allOf: (value, reading, at, depth) => {
    const all = keepAll(value, reading, `${at}.allOf`, depth)
    if (all.length === 1) return all[0]!
    if (reading.strict) refuseWord(`${reading.param}${at}`, 'allOf')
    return {}
  },
}

const keepAll = (value: unknown, reading: Reading, at: string, depth: number): KeptSchema[] =>
  listOf(value, `${reading.param}${at}`).map((one, i) => keep(one, reading, `${at}[${i}]`, depth + 1))

type Type = (typeof types)[number]

/** The types that a schema names, or the one that its other words are about; none where it says nothing. */
function typesOf(schema: Map<string, unknown>, place: string): Type[] {
  const given = schema.get('type')
  schema.delete('type')
  if (given === undefined) {
    if (schema.has('properties') || schema.has('additionalProperties')) return ['object']
    if (schema.has('items') || schema.has('prefixItems')) return ['array']
    return []
  }
  const named = Array.isArray(given) ? given : [given]
  if (named.length === 0) refuseValue(`${place}.type`, 'is an empty array')
  for (const type of named) {
    if (!types.includes(type as Type)) refuseValue(`${place}.type`, `must be one of ${types.join(', ')}`)
  }
  return [...new Set(named as Type[])]
}

function keepType(
  kind: Type,
  schema: Map<string, unknown>,
  reading: Reading,
  at: string,
  depth: number,
  all: readonly Type[],
): KeptSchema {
  const place = `${reading.param}${at}`
  const take = (word: string): unknown => {
    const value = schema.get(word)
    schema.delete(word)
    return value
  }
  const kept: KeptSchema = { type: kind }
  const range = (least: string, most: string, read: (value: unknown, word: string) => number): void => {
    for (const word of [least, most]) {
      const value = take(word)
      if (value !== undefined) kept[word] = read(value, `${place}.${word}`)
    }
    if (Number(kept[least]) > Number(kept[most])) refuseValue(`${place}.${least}`, `is more than \`${most}\``)
  }
  switch (kind) {
    case 'string': {
      range('minLength', 'maxLength', countOf)
      const pattern = take('pattern')
      const format = take('format')
      if (pattern !== undefined) {
        const read = readPattern(pattern)
        if ('pattern' in read) kept.pattern = read.pattern
        else if (reading.strict || typeof pattern !== 'string') refuseValue(`${place}.pattern`, read.wrong)
      }
      if (format !== undefined && kept.pattern === undefined) {
        if (typeof format === 'string' && formats.includes(format)) kept.format = format
        else if (reading.strict) refuseValue(`${place}.format`, `must be one of ${formats.join(', ')}`)
      }
      // A grammar counts characters or matches a text, not both.
      if (kept.pattern !== undefined || kept.format !== undefined) {
        delete kept.minLength
        delete kept.maxLength
      }
      break
    }
    case 'integer':
    case 'number': {
      const read = kind === 'integer' ? integerOf : numberOf
      for (const word of wordsOf.number) {
        if (kind === 'integer' || isBound(schema.get(word))) continue
        if (reading.strict)
          refuseValue(`${place}.${word}`, 'must be below 10^15 and have at most 15 decimals')
        schema.delete(word)
      }
      range('minimum', 'maximum', read)
      range('exclusiveMinimum', 'exclusiveMaximum', read)
      refuseEmptyRange(kept, kind, place)
      break
    }
    case 'array': {
      range('minItems', 'maxItems', countOf)
      const prefix = take('prefixItems')
      const items = take('items')
      if (prefix !== undefined) kept.prefixItems = keepAll(prefix, reading, `${at}.prefixItems`, depth)
      if (items === false) kept.items = false
      else if (items !== undefined) kept.items = keep(items, reading, `${at}.items`, depth + 1)
      refuseOtherLengths(kept, place)
      break
    }
    case 'object':
      keepObject(kept, take, reading, at, depth)
      break
    case 'boolean':
    case 'null':
      break
    default:
      kind satisfies never
  }
  // Words of the other types of one schema are theirs.
  for (const other of all) for (const word of wordsOf[other]) if (other !== kind) schema.delete(word)
  refuseRest(schema, reading, place, `for the type ${kind}`)
  return kept
}

const wordsOf: Record<Type, readonly string[]> = {
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  array: ['minItems', 'maxItems', 'prefixItems', 'items'],
  object: ['properties', 'required', 'additionalProperties'],
  boolean: [],
  null: [],
}

function keepObject(
  kept: KeptSchema,
  take: (word: string) => unknown,
  reading: Reading,
  at: string,
  depth: number,
): void {
  const place = `${reading.param}${at}`
  const given = take('properties')
  const properties = given === undefined ? {} : objectOf(given, `${place}.properties`)
  const names = Object.keys(properties)
  reading.properties += names.length
  if (reading.properties > MAX_PROPERTIES)
    refuseValue(reading.param, `has more than ${MAX_PROPERTIES} properties`)
  if (given !== undefined) {
    kept.properties = Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [
        name,
        keep(property, reading, `${at}.properties.${name}`, depth + 1),
      ]),
    )
  }
  const wanted = take('required')
  const required = wanted === undefined ? [] : listOf(wanted, `${place}.required`, 0)
  for (const name of required) {
    if (typeof name !== 'string') refuseValue(`${place}.required`, 'must be an array of strings')
  }
  const additional = take('additionalProperties')
  if (reading.strict) {
    if (additional !== false) refuseValue(`${place}.additionalProperties`, 'must be false in a strict schema')
    const missing = names.find((name) => !required.includes(name))
    if (missing !== undefined)
      refuseValue(
        `${place}.required`,
        `must list every property in a strict schema; \`${missing}\` is missing`,
      )
    const unknown = required.find((name) => !names.includes(name as string))
    if (unknown !== undefined) refuseValue(`${place}.required`, `lists \`${unknown}\`, which is no property`)
  }
  if (required.length > 0) kept.required = [...new Set(required)]
  requireOthers(kept, required as string[], additional, place)
  if (typeof additional === 'object' && additional !== null) {
    kept.additionalProperties = keep(additional, reading, `${at}.additionalProperties`, depth + 1)
  } else if (additional !== undefined) {
    if (typeof additional !== 'boolean')
      refuseValue(`${place}.additionalProperties`, 'must be a boolean or a schema')
    kept.additionalProperties = additional
  }
}

/** Required names that are no properties: where other properties may be anything, so may they. */
function requireOthers(
  kept: KeptSchema,
  required: readonly string[],
  additional: unknown,
  place: string,
): void {
  const properties = (kept.properties ?? {}) as Record<string, unknown>
  const others = required.filter((name) => !Object.hasOwn(properties, name))
  if (others.length === 0) return
  if (additional === false)
    refuseValue(`${place}.required`, `lists \`${others[0]}\`, which \`additionalProperties\` forbids`)
  if (additional === undefined)
    kept.properties = { ...properties, ...Object.fromEntries(others.map((name) => [name, {}])) }
}

/** A list that begins with given items cannot be shorter than these here, nor longer where nothing may follow them. */
function refuseOtherLengths({ prefixItems, items, minItems, maxItems }: KeptSchema, place: string): void {
  const { length } = (prefixItems ?? []) as unknown[]
  if (maxItems !== undefined && Number(maxItems) < length)
    refuseValue(`${place}.maxItems`, 'is less than the items of `prefixItems`')
  const isOpen = items !== false && (items !== undefined || length === 0)
  if (!isOpen && Number(minItems) > length)
    refuseValue(`${place}.minItems`, 'is more than the items of `prefixItems`, which no others follow')
}

function refuseEmptyRange(kept: KeptSchema, type: Type, place: string): void {
  const step = type === 'integer' ? 1 : LEAST_STEP
  const least = Math.max(
    Number(kept.minimum ?? Number.NEGATIVE_INFINITY),
    Number(kept.exclusiveMinimum ?? Number.NEGATIVE_INFINITY) + step,
  )
  const most = Math.min(
    Number(kept.maximum ?? Number.POSITIVE_INFINITY),
    Number(kept.exclusiveMaximum ?? Number.POSITIVE_INFINITY) - step,
  )
  const isOne = kept.exclusiveMinimum !== undefined && kept.exclusiveMinimum === kept.exclusiveMaximum
  if (least > most || isOne) refuseValue(place, 'allows no number')
}

/** What is left over has no form in a grammar. */
function refuseRest(schema: Map<string, unknown>, { strict }: Reading, place: string, where: string): void {
  const [word] = schema.keys()
  if (strict && word !== undefined) refuseWord(place, word, `it is not supported ${where}`)
}

function refuseWord(place: string, word: string, why = 'no grammar keeps it'): never {
  refuseValue(`${place}.${word}`, `is not taken in a strict schema (${why})`)
}
