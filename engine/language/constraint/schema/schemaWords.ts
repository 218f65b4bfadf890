/** Words that bind no value. */
const notes = ['$schema', '$id', '$comment', 'title', 'description', 'default', 'examples', 'deprecated']
const definitions = ['$defs', 'definitions']

const types = ['object', 'array', 'string', 'integer', 'number', 'boolean', 'null'] as const
export type SchemaType = (typeof types)[number]

/** The words of one schema; those that nobody asked for are refused. */
export class SchemaWords {
  readonly #words: Map<string, unknown>
  readonly #asked = new Set<string>([...notes, ...definitions])

  /** @throws Error when it is no schema with words */
  constructor(schema: unknown) {
    if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
      throw new Error(`${JSON.stringify(schema)} is no schema`)
    }
    this.#words = new Map(Object.entries(schema).filter(([, value]) => value !== undefined))
  }

  has(word: string): boolean {
    return this.#words.has(word)
  }

  get(word: string): unknown {
    this.#asked.add(word)
    return this.#words.get(word)
  }

  list(word: string, least = 1): unknown[] {
    const value = this.get(word)
    if (Array.isArray(value) && value.length >= least) return value
    throw new Error(`its word "${word}" is no list, or empty`)
  }

  number(word: string): number | undefined {
    const value = this.get(word)
    if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value
    throw new Error(`its word "${word}" is no number`)
  }

  count(word: string): number | undefined {
    const value = this.get(word)
    if (value === undefined || (Number.isInteger(value) && Number(value) >= 0))
      return value as number | undefined
    throw new Error(`its word "${word}" is no count`)
  }

  /** The types that it names, or the one that its other words are about; none where it says nothing. */
  types(): SchemaType[] {
    const given = this.get('type')
    if (given === undefined) {
      if (['properties', 'additionalProperties', 'required'].some((word) => this.has(word))) return ['object']
      return this.has('items') || this.has('prefixItems') ? ['array'] : []
    }
    return (Array.isArray(given) ? given : [given]).map((type) => {
      if (types.includes(type as SchemaType)) return type as SchemaType
      throw new Error(`the type ${JSON.stringify(type)} is not known`)
    })
  }

  /** @throws Error naming a word that nobody asked for */
  refuseRest(): void {
    const left = [...this.#words.keys()].find((word) => !this.#asked.has(word))
    if (left !== undefined) throw new Error(`its word ${JSON.stringify(left)} is kept by no grammar here`)
  }
}

/** Whether a value is of a type. */
export function isOfType(type: SchemaType, value: unknown): boolean {
  if (value === null) return type === 'null'
  if (Array.isArray(value)) return type === 'array'
  return type === 'integer' ? Number.isInteger(value) : typeof value === type
}

/**
 * What a reference leads to: a JSON pointer into the schema.
 * @throws Error when that is nothing
 */
export function resolveReference(root: unknown, reference: string): unknown {
  let target = root
  const pointer = reference.startsWith('#') ? decodeURIComponent(reference.slice(1)) : `/${reference}`
  for (const step of pointer.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
    const isThere = typeof target === 'object' && target !== null && Object.hasOwn(target, name)
    if (!isThere) throw new Error(`the reference ${JSON.stringify(reference)} leads to nothing`)
    target = (target as Record<string, unknown>)[name]
  }
  return target
}
