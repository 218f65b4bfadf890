import { OpentabError } from '../../protocol/errors.ts'
import { MAX_BODY_DEPTH, MAX_BODY_VALUES } from './openaiLimits.ts'

/**
 * Refuses a body of more values or levels than any honest one has, before anything walks through it: without it a list
 * of a million stop texts would hold up the event loop for seconds, and a deep schema would end the stack. Refuses text
 * that is no Unicode as well.
 * @throws OpentabError `invalid_value` naming the field
 */
export function refuseHugeBody(body: unknown): void {
  const open: { value: unknown; depth: number; field: string | undefined }[] = [
    { value: body, depth: 0, field: undefined },
  ]
  let values = 0
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth, field } = next
    if (typeof value === 'string' && !value.isWellFormed())
      refuse('holds a lone surrogate, which no encoding of text can carry', field)
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) continue
    if (depth >= MAX_BODY_DEPTH) refuse(`is nested more than ${MAX_BODY_DEPTH} levels deep`, field)
    const keys = Object.keys(value)
    values += keys.length
    if (values > MAX_BODY_VALUES) refuse(`has more than ${MAX_BODY_VALUES} values`, field)
    for (const key of keys) {
      if (!key.isWellFormed()) refuse('holds a lone surrogate, which no encoding of text can carry', field)
      open.push({ value: Reflect.get(value, key), depth: depth + 1, field: field ?? key })
    }
  }
}

function refuse(what: string, field: string | undefined): never {
  throw new OpentabError('invalid_value', `${field === undefined ? 'The body' : `\`${field}\``} ${what}.`, {
    ...(field === undefined ? {} : { param: field }),
  })
}
