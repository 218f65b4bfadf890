import type { KeptSchema } from './jsonSchema.ts'

const groups = ['$defs', 'definitions'] as const

/**
 * One schema that allows what any of several allow, each wrapped by `wrap`: their references are made to lead to their
 * own definitions, which stand side by side under new names.
 */
export function nestSchemas(
  schemas: readonly KeptSchema[],
  wrap: (schema: KeptSchema, index: number) => KeptSchema,
): KeptSchema {
  const defs: [string, KeptSchema][] = []
  const anyOf = schemas.map((schema, index) => {
    const rename = (ref: string): string => `#/$defs/${index}${ref.slice(1).replaceAll('/', '_')}`
    for (const group of groups) {
      for (const [name, def] of Object.entries(schema[group] ?? {}))
        defs.push([`${index}_${group}_${name}`, moved(def as KeptSchema, rename)])
    }
    // The whole schema stands under its number, for references to `#`.
    defs.push([`${index}`, moved(withoutDefs(schema), rename)])
    return wrap({ $ref: `#/$defs/${index}` }, index)
  })
  return { anyOf, $defs: Object.fromEntries(defs) }
}

const withoutDefs = (schema: KeptSchema): KeptSchema =>
  Object.fromEntries(Object.entries(schema).filter(([word]) => word !== '$defs' && word !== 'definitions'))

/** A copy whose references are renamed; values of `const` and `enum` are no schemas. */
function moved(schema: KeptSchema, rename: (ref: string) => string): KeptSchema {
  const move = (inner: unknown): unknown =>
    typeof inner === 'object' && inner !== null ? moved(inner as KeptSchema, rename) : inner
  return Object.fromEntries(
    Object.entries(schema).map(([word, value]): [string, unknown] => {
      switch (word) {
        case '$ref':
          return [word, rename(value as string)]
        case 'anyOf':
        case 'prefixItems':
          return [word, (value as unknown[]).map(move)]
        case 'items':
        case 'additionalProperties':
          return [word, move(value)]
        case 'properties':
          return [
            word,
            Object.fromEntries(
              Object.entries(value as object).map(([name, property]): [string, unknown] => [
                name,
                move(property),
              ]),
            ),
          ]
        default:
          return [word, value]
      }
    }),
  )
}
