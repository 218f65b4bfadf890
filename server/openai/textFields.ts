import { OpentabError } from '../../protocol/errors.ts'

/** The body without fields that OpenAI knows, this relay does not, and that ask for nothing by being null. */
export function withoutNulls(body: unknown, fields: readonly string[]): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body) || ArrayBuffer.isView(body))
    return body
  return Object.fromEntries(
    Object.entries(body).filter(([field, value]) => value !== null || !fields.includes(field)),
  )
}

/** @throws OpentabError `unsupported_parameter` naming the field */
export function refuseField(param: string, why: string, fix = `Leave \`${param}\` out.`): never {
  throw new OpentabError('unsupported_parameter', `\`${param}\`: ${why}.`, { param, fix })
}

/** @throws OpentabError `invalid_value` naming the field */
export function refuseValue(param: string, why: string, fix?: string): never {
  throw new OpentabError('invalid_value', `\`${param}\`: ${why}.`, {
    param,
    ...(fix === undefined ? {} : { fix }),
  })
}
