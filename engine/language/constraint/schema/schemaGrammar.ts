import { literal } from './ebnfText.ts'
import { GrammarRules } from './grammarRules.ts'
import { jsonRules } from './jsonRules.ts'
import { otherKeys } from './otherKeys.ts'
import { PlainLengths } from './plainLengths.ts'
import { choice, plain, type Regular, repeat, text } from './regular.ts'
import { regularGrammar } from './regularGrammar.ts'
import { booleans, dumps, numberLanguage, patternedStrings, quoted, unbounded } from './scalarLanguages.ts'
import { isOfType, resolveReference, type SchemaType, SchemaWords } from './schemaWords.ts'

/** Deepest schema, levels, references followed where they first stand. */
const MAX_DEPTH = 100
/** Longest text that is a regular language; longer ones are made of runs. */
const MAX_SHORT_TEXT = 24

/** What a value may be: any of these languages and rules. Regular ones are kept apart, to be written as one. */
interface Form {
  languages: readonly Regular[]
  rules: readonly string[]
}

const ofLanguages = (...languages: Regular[]): Form => ({ languages, rules: [] })
const ofRule = (rule: string): Form => ({ languages: [], rules: [rule] })
const either = (forms: readonly Form[]): Form => ({
  languages: forms.flatMap(({ languages }) => languages),
  rules: [...new Set(forms.flatMap(({ rules }) => rules))],
})

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
  readonly #rules = new GrammarRules(jsonRules)
  readonly #lengths = new PlainLengths(this.#rules)
  /** What references lead to; while that is not known yet, a rule that will be it. */
  readonly #references = new Map<string, Form>()
  readonly #names = new Map<Form, string>()
  #depth = 0

  constructor(root: unknown) {
    this.#root = root
  }

  text(): string {
    return this.#rules.text(this.#ruleOf(this.#reference('#')))
  }

  /** The rule of a form, by which its text can be referred to. */
  #ruleOf(form: Form): string {
    let name = this.#names.get(form)
    if (name === undefined) {
      const alternatives = this.#alternatives(form)
      name = alternatives.length === 1 ? alternatives[0]! : this.#rules.add(alternatives.join(' | '))
      this.#names.set(form, name)
    }
    return name
  }

  #alternatives({ languages, rules }: Form): string[] {
    const isAlone = new Set(languages).size === 1
    const named = Object.entries(unbounded).flatMap(([name, language]) =>
      languages.includes(language) && (isAlone || name === 'string') ? [name] : [],
    )
    // Any string stays by itself: with given ones taken out of it, it would be too large.
    const left = languages.filter(
      (language) => !named.some((name) => unbounded[name as 'string'] === language),
    )
    return [...named, ...(left.length > 0 ? this.#regular(left) : []), ...rules]
  }

  /** Languages as one, or each by itself where they cannot be written as one. */
  #regular(languages: readonly Regular[]): string[] {
    try {
      return [this.#rules.add(regularGrammar(choice(...languages), this.#rules))]
    } catch (error) {
      if (languages.length === 1) throw error
      return languages.flatMap((language) => this.#regular([language]))
    }
  }

  #reference(reference: string): Form {
    const known = this.#references.get(reference)
    if (known) return known
    const target = resolveReference(this.#root, reference)
    const itself = this.#rules.reserve()
    this.#references.set(reference, ofRule(itself))
    const { languages, rules } = this.#form(target)
    // "Itself, or something else" says no more than the something else.
    const form = { languages, rules: rules.filter((rule) => rule !== itself) }
    if (form.languages.length + form.rules.length === 0) {
      throw new Error(`the reference ${JSON.stringify(reference)} leads to itself`)
    }
    this.#rules.write(itself, this.#alternatives(form).join(' | '))
    this.#references.set(reference, form)
    this.#names.set(form, itself)
    return form
  }

  #form(schema: unknown): Form {
    if (schema === true) return ofRule('value')
    if (schema === false) throw new Error('it has a part that allows nothing')
    if (this.#depth >= MAX_DEPTH) throw new Error(`it is nested more than ${MAX_DEPTH} levels deep`)
    const words = new SchemaWords(schema)
    this.#depth++
    const form = this.#formOf(words)
    this.#depth--
    words.refuseRest()
    return form
  }

  #formOf(words: SchemaWords): Form {
    if (words.has('$ref')) return this.#reference(String(words.get('$ref')))
    if (words.has('const')) return valuesOf([words.get('const')], words.types())
    if (words.has('enum')) return valuesOf(words.list('enum'), words.types())
    if (words.has('anyOf')) return either(words.list('anyOf').map((one) => this.#form(one)))
    if (words.has('allOf')) {
      const [only, ...others] = words.list('allOf')
      if (others.length === 0) return this.#form(only)
      throw new Error('its word "allOf" with more than one schema is kept by no grammar')
    }
    const types = words.types()
    return types.length === 0 ? ofRule('value') : either(types.map((type) => this.#typed(type, words)))
  }

  #typed(type: SchemaType, words: SchemaWords): Form {
    switch (type) {
      case 'null':
        return ofLanguages(text('null'))
      case 'boolean':
        return ofLanguages(booleans)
      case 'integer':
      case 'number':
        return ofLanguages(numberLanguage(type, words))
      case 'string':
        return this.#string(words)
      case 'array':
        return ofRule(this.#rules.add(this.#array(words)))
      case 'object':
        return ofRule(this.#rules.add(this.#object(words)))
      default:
        return type satisfies never
    }
  }

  #string(words: SchemaWords): Form {
    const [least, most] = [words.count('minLength') ?? 0, words.count('maxLength')]
    const patterned = patternedStrings(words)
    if (patterned) return ofLanguages(patterned)
    if (most === undefined) {
      if (least === 0) return ofLanguages(unbounded.string)
      return ofRule(this.#rules.add(`"\\"" ${this.#lengths.exactly(least)} string_rest`))
    }
    if (most < least) throw new Error('its strings can have no length')
    if (most <= MAX_SHORT_TEXT) return ofLanguages(quoted(repeat(plain, least, most)))
    return ofRule(this.#rules.add(`"\\"" ${this.#lengths.between(least, most)} "\\""`))
  }

  #array(words: SchemaWords): string {
    const prefix = words.has('prefixItems') ? words.list('prefixItems') : []
    const first = prefix.map((one) => this.#ruleOf(this.#form(one)))
    const items = words.get('items')
    const isClosed = items === false || (items === undefined && first.length > 0)
    const [least, most] = [words.count('minItems') ?? 0, words.count('maxItems')]
    const from = Math.max(0, least - first.length)
    const to = isClosed ? 0 : most === undefined ? null : most - first.length
    if (to !== null && to < from) throw new Error('its lists can have no length')
    const item = to === 0 ? null : this.#ruleOf(this.#form(items ?? true))
    if (first.length > 0) {
      const more = item === null ? '' : ` (", " ${item})${times(from, to)}`
      return `"[" ${first.join(' ", " ')}${more} "]"`
    }
    if (item === null) return '"[]"'
    const some = `${item} (", " ${item})${times(Math.max(0, from - 1), to === null ? null : to - 1)}`
    return `"[" ${from === 0 ? `(${some})?` : some} "]"`
  }

  #object(words: SchemaWords): string {
    const properties = new Map<string, unknown>(Object.entries((words.get('properties') ?? {}) as object))
    const required = (words.has('required') ? words.list('required', 0) : []).map(String)
    // Without properties or a word about others, any object.
    const others = words.get('additionalProperties') ?? (properties.size === 0 && required.length === 0)
    for (const name of required) if (!properties.has(name)) properties.set(name, others)
    const pairs = [...properties].map(([name, schema]) => ({
      text: `${literal(`${JSON.stringify(name)}: `)} ${this.#ruleOf(this.#form(schema))}`,
      isRequired: required.includes(name),
    }))
    let [first, later] = ['""', '""']
    if (others !== false) {
      const key = this.#rules.add(otherKeys([...properties.keys()], this.#rules))
      const pair = this.#rules.add(`${key} ": " ${this.#ruleOf(this.#form(others))}`)
      ;[first, later] = [`(${pair} (", " ${pair})*)?`, `(", " ${pair})*`]
    }
    // From the last property to the first: what follows where nothing came before, and where something did.
    for (const { text, isRequired } of pairs.reverse()) {
      const [nextFirst, nextLater] = [this.#rules.add(first), this.#rules.add(later)]
      first = `${text} ${nextLater}${isRequired ? '' : ` | ${nextFirst}`}`
      later = `", " ${text} ${nextLater}${isRequired ? '' : ` | ${nextLater}`}`
    }
    return `"{" ${this.#rules.add(first)} "}"`
  }
}

/** Values that are given one by one, of the types if there are any. */
function valuesOf(values: readonly unknown[], types: readonly SchemaType[]): Form {
  const fitting = values.filter((value) => types.length === 0 || types.some((type) => isOfType(type, value)))
  if (fitting.length === 0) throw new Error('it allows nothing')
  return ofLanguages(...fitting.map((value) => text(dumps(value))))
}

const times = (least: number, most: number | null): string =>
  least === 0 && most === null ? '*' : `{${least},${most ?? ''}}`
