import { OpentabError } from '../../protocol/errors.ts'

/** Most fields of one object of a job's body: those of `overrides` are the most that anyone gives. */
const MAX_FIELDS = 256
/** Most entries of one list, besides the elements of a tensor's `data`. */
const MAX_ENTRIES = 1024
/** Most values of a body in all, besides those elements. */
const MAX_VALUES = 16_384
/** Most elements that all `data` of one request may have: the event loop reads them one by one. */
export const MAX_INLINE_DATA = 2 ** 20

/** Elements that a request's `data` may still have: its tasks share it. */
export interface InlineBudget {
  left: number
}
export const inlineBudget = (): InlineBudget => ({ left: MAX_INLINE_DATA })

/**
 * Refuses a body with more entries or fields than any honest one has, before a schema looks at them: a schema tells of every one
 * that is wrong, and a million of these hold up the event loop for minutes. Elements of `data` are counted, not looked at.
 * @throws OpentabError `invalid_value` naming the field
 */
export function refuseWideBody(body: unknown, budget: InlineBudget = inlineBudget()): void {
  const open: { value: unknown; place: string; field: string }[] = [{ value: body, place: '', field: '' }]
  let values = 0
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, place, field } = next
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) continue
    if (Array.isArray(value)) {
      if (value.length > MAX_ENTRIES)
        refuse(`${quoted(place)} has ${value.length} entries; at most ${MAX_ENTRIES} are taken.`, field)
      values += value.length
      for (const [i, entry] of value.entries()) open.push({ value: entry, place: `${place}[${i}]`, field })
    } else {
      const keys = Object.keys(value)
      if (keys.length > MAX_FIELDS)
        refuse(`${quoted(place)} has ${keys.length} fields; at most ${MAX_FIELDS} are taken.`, field)
      values += keys.length
      for (const key of keys) {
        const entry: unknown = Reflect.get(value, key)
        const at = place === '' ? key : `${place}.${key}`
        if (key === 'data' && Array.isArray(entry)) countElements(entry, at, field || key, budget)
        else open.push({ value: entry, place: at, field: field || key })
      }
    }
    if (values > MAX_VALUES) refuse(`The body has more than ${MAX_VALUES} values.`, field)
  }
}

/** Counts by the lengths of lists; a list of lists is followed, one of numbers is not walked. */
function countElements(data: readonly unknown[], place: string, field: string, budget: InlineBudget): void {
  const open = [data]
  let lists = 0
  for (let list = open.pop(); list; list = open.pop()) {
    const isNested = Array.isArray(list[0])
    if (isNested) lists += list.length
    else budget.left -= list.length
    if (budget.left < 0 || lists > MAX_INLINE_DATA)
      refuse(
        `With \`${place}\` the \`data\` of this request have more than ${MAX_INLINE_DATA} elements.`,
        field,
        {
          fix: 'Give larger tensors as `base64` of their little-endian bytes, or as a `blob` from POST /blobs.',
        },
      )
    if (isNested) for (const row of list) if (Array.isArray(row)) open.push(row)
  }
}

const quoted = (place: string): string => (place === '' ? 'The body' : `\`${place}\``)

function refuse(message: string, field: string, more: { fix?: string } = {}): never {
  throw new OpentabError('invalid_value', message, { ...(field === '' ? {} : { param: field }), ...more })
}
