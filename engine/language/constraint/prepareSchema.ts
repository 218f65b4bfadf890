type Schema = Record<string, unknown>

/** Words whose value is a schema, a list of schemas, or schemas by name. */
const schemaWords = [
  'items',
  'additionalProperties',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
]
const listWords = ['anyOf', 'oneOf', 'allOf', 'prefixItems']
const mapWords = ['properties', 'patternProperties', '$defs', 'definitions']

/**
 * A JSON schema as xgrammar 0.1.27 reads it rightly:
 * - lengths of strings become patterns: for `minLength` and `maxLength` it allows control characters, which JSON does not.
 *   Like there, such strings hold nothing that JSON escapes.
 * - property names that JSON escapes are refused: it puts them into its grammar without escapes.
 * @throws Error naming the property
 */
export function prepareSchema(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return schema
  const prepared: Schema = { ...schema }
  for (const [word, value] of Object.entries(schema)) {
    if (schemaWords.includes(word)) prepared[word] = prepareSchema(value)
    else if (listWords.includes(word) && Array.isArray(value)) prepared[word] = value.map(prepareSchema)
    else if (mapWords.includes(word)) prepared[word] = prepareEach(value)
  }
  for (const name of Object.keys(prepared.properties ?? {})) {
    // Quotes, backslashes, control characters.
    if (JSON.stringify(name).length === name.length + 2) continue
    throw new Error(`the property name ${JSON.stringify(name)} has a character that JSON escapes`)
  }
  return lengthAsPattern(prepared)
}

function prepareEach(schemas: unknown): unknown {
  if (typeof schemas !== 'object' || schemas === null) return schemas
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, prepareSchema(schema)]))
}

function lengthAsPattern({ minLength, maxLength, ...rest }: Schema): Schema {
  const hasLength = minLength !== undefined || maxLength !== undefined
  if (!hasLength || 'pattern' in rest || 'format' in rest) return rest
  return { ...rest, pattern: `^[^"\\\\\\u0000-\\u001f]{${minLength ?? 0},${maxLength ?? ''}}$` }
}
