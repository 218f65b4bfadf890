import { z } from 'zod'
import { OpentabError } from '../../protocol/errors.ts'
import { allowedInWords, givenInWords } from './issueInWords.ts'

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
  const parsed = schema.safeParse(body, { reportInput: true, error: allowedInWords })
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
  throw new OpentabError('invalid_value', `\`${place}\`: ${wrongInWords(issue)}.`, { param })
}

/** What is wrong with a value, what it must be, and what it is. */
function wrongInWords({ input, message }: z.core.$ZodIssue): string {
  const saysWhat = message.startsWith('must ')
  if (input === undefined) return saysWhat ? `is missing; it ${message}` : 'is missing'
  // Other sentences say by themselves what the value is.
  return saysWhat ? `${message}; ${givenInWords(input)} was given` : message
}

/**
 * The issue of the union's member that the value was meant for: one whose outermost type is right, and of these the one
 * that fails at the value itself, by its length for instance, else the one whose first wrong entry comes last.
 */
function insideUnion(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue
  const meant = issue.errors
    .flatMap(([inner]) => inner ?? [])
    .filter(({ code, path }) => path.length > 0 || (code !== 'invalid_type' && code !== 'invalid_value'))
  const inner =
    meant.find(({ path }) => path.length === 0) ??
    meant.toSorted((a, b) => goodEntries(b) - goodEntries(a))[0]
  return inner ? insideUnion({ ...inner, path: [...issue.path, ...inner.path] }) : issue
}

/** How many entries of an array come before the one that is wrong. */
const goodEntries = ({ path: [first] }: z.core.$ZodIssue): number => (typeof first === 'number' ? first : 0)

/** The body is no JSON object, or was not said to be one. */
export function notJson(): OpentabError {
  return new OpentabError('invalid_value', 'The request body must be a JSON object.', {
    fix: 'Send a JSON object with `content-type: application/json`.',
  })
}
