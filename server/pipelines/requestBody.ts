import { z } from 'zod'
import { OpentabError } from '../../protocol/errors.ts'

/** Fields that official clients send and that change nothing here: accepted without effect. */
export const inertFields = {
  user: z.string().nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  store: z.literal(false, { error: 'must be false: nothing is kept for later retrieval' }).nullish(),
  service_tier: z.enum(['auto', 'default']).nullish(),
  safety_identifier: z.string().nullish(),
  prompt_cache_key: z.string().nullish(),
}

/**
 * The body as the schema has it (a strict object).
 * @throws OpentabError `unsupported_parameter` naming a field that the schema does not have; `invalid_value` naming
 *   the first field with a wrong value
 */
export function parseRequestBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  if (body instanceof Uint8Array) throw notJson()
  const parsed = schema.safeParse(body, { reportInput: true })
  if (parsed.success) return parsed.data
  const unknown = parsed.error.issues.find((issue) => issue.code === 'unrecognized_keys')
  if (unknown) {
    const param = [...unknown.path, unknown.keys[0]].join('.')
    throw new OpentabError('unsupported_parameter', `The field \`${param}\` is not supported here.`, {
      param,
      fix: `Leave \`${param}\` out.`,
    })
  }
  const [first] = parsed.error.issues
  const issue = first && insideUnion(first)
  if (!issue || issue.path.length === 0) {
    throw notJson()
  }
  const param = String(issue.path[0])
  const place = issue.path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`,
    '',
  )
  const what = issue.input === undefined ? 'is missing' : issue.message.replace(/^Invalid input: /, '')
  throw new OpentabError('invalid_value', `\`${place}\`: ${what}.`, { param })
}

/** The issue of the union's member that the value was meant for: the one that fails beyond its outermost type. */
function insideUnion(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue
  for (const [inner] of issue.errors) {
    const isMeant = inner && (inner.code !== 'invalid_type' || inner.path.length > 0)
    if (isMeant) return { ...inner, path: [...issue.path, ...inner.path] }
  }
  return issue
}

/** The body is no JSON object, or was not said to be one. */
export function notJson(): OpentabError {
  return new OpentabError('invalid_value', 'The request body must be a JSON object.', {
    fix: 'Send a JSON object with `content-type: application/json`.',
  })
}
