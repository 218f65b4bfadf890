import { OpentabError } from '../errors.ts'
import { type Receipt, verdicts } from '../receipt.ts'

const hash = /^[0-9a-f]{64}$/
const text = (value: unknown): boolean =>
  typeof value === 'string' && value.length <= 1024 && value.isWellFormed()
const oneOf =
  (...allowed: readonly string[]) =>
  (value: unknown): boolean =>
    typeof value === 'string' && allowed.includes(value)
const matches =
  (pattern: RegExp) =>
  (value: unknown): boolean =>
    typeof value === 'string' && pattern.test(value)
const integer =
  (most: number) =>
  (value: unknown): boolean =>
    typeof value === 'number' &&
    Number.isSafeInteger(value) &&
    value >= 0 &&
    value <= most &&
    !Object.is(value, -0)

/** What every field of a receipt must be. */
const rules: { [Field in keyof Receipt]: (value: unknown) => boolean } = {
  v: (value) => value === 1,
  id: text,
  relay: text,
  task: text,
  kind: oneOf('infer', 'generate', 'stage', 'kernel', 'custom'),
  subject: matches(hash),
  input: matches(hash),
  output: matches(hash),
  seed: (value) => value === null || integer(0xffff_ffff)(value),
  deviceClass: text,
  lane: oneOf('exact', 'float'),
  verdict: oneOf(...verdicts),
  operations: integer(Number.MAX_SAFE_INTEGER),
  microCredits: matches(/^(0|[1-9][0-9]{0,30})$/),
  account: matches(/^0x[0-9a-fA-F]{40}$/),
  previous: (value) => value === null || text(value),
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function isReceipt(value: unknown, refuse: (why: string) => never): value is Receipt {
  if (!isRecord(value)) return refuse('it is not a JSON object')
  for (const [field, holds] of Object.entries(rules)) {
    if (!holds(value[field])) return refuse(`its ${field} is ${JSON.stringify(value[field])}`)
  }
  const unknown = Object.keys(value).find((field) => !Object.hasOwn(rules, field))
  return (
    unknown === undefined || refuse(`it has the field ${JSON.stringify(unknown)}, which version 1 has not`)
  )
}

/** Checks that a JSON value is a receipt of version 1, field by field, and nothing more. Throws `receipt_invalid`. */
export function checkReceipt(value: unknown, what = 'The receipt'): Receipt {
  const refuse = (why: string): never => {
    throw new OpentabError('receipt_invalid', `${what} is not a receipt: ${why}.`)
  }
  if (!isReceipt(value, refuse)) return refuse('it has another shape')
  return value
}

/** Reads a log entry (UTF-8 JSON) as a receipt. Throws `receipt_invalid`. */
export function decodeReceipt(entry: Uint8Array): Receipt {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(entry))
  } catch (cause) {
    throw new OpentabError('receipt_invalid', 'The entry is not a receipt: it is not UTF-8 JSON.', { cause })
  }
  return checkReceipt(value, 'The entry')
}
