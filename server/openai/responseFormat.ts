import { z } from 'zod'
import type { Constraint } from '../../protocol/generation.ts'
import { readSchema } from './jsonSchema.ts'
import { refuseValue } from './textFields.ts'

/** A named schema, as chat and responses have it. */
export const namedSchema = {
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, { error: 'must be 1 to 64 of a-z, A-Z, 0-9, _ and -' }),
  description: z.string().nullish(),
  strict: z.boolean().nullish(),
}

export const responseFormat = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('text') }),
    z.strictObject({ type: z.literal('json_object') }),
    z.strictObject({
      type: z.literal('json_schema'),
      json_schema: z.strictObject({
        ...namedSchema,
        schema: z.record(z.string(), z.unknown(), { error: 'must be an object' }),
      }),
    }),
  ],
  { error: 'must be `text`, `json_object` or `json_schema`' },
)

/**
 * What the answer's text is held to; null for free text.
 * @param param the schema's field, for errors
 * @throws OpentabError `invalid_value`
 */
export function schemaConstraint(schema: object, strict: boolean, param: string): Constraint {
  const kept = readSchema(schema, { strict, param })
  if (strict && kept.type !== 'object') refuseValue(param, 'must be a schema of the type object')
  return { kind: 'json_schema', schema: JSON.stringify(kept) }
}

/** @throws OpentabError `invalid_value` */
export function constraintOf(format: z.infer<typeof responseFormat> | null | undefined): Constraint | null {
  switch (format?.type) {
    case undefined:
    case 'text':
      return null
    case 'json_object':
      return { kind: 'json_object' }
    case 'json_schema': {
      const { schema, strict } = format.json_schema
      return schemaConstraint(schema, strict ?? false, 'response_format.json_schema.schema')
    }
    default:
      return format satisfies never
  }
}
