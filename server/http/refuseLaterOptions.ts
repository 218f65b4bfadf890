import type { IncomingHttpHeaders } from 'node:http'
import { OpentabError } from '../../protocol/errors.ts'

const HEADER = 'x-opentab-confidence'
/** Fields of a body's `opentab` that a later version brings. */
const FIELDS = ['confidence', 'dry_run']

/**
 * Refuses the options of a later version by name: a requester who asks for more certainty, or for a price, must not
 * believe to have got it.
 * @param body the parsed JSON body of a call, or of a job with a body of its own; anything else passes
 * @throws OpentabError `unsupported_parameter`
 */
export function refuseLaterOptions(headers: IncomingHttpHeaders, body: unknown): void {
  if (headers[HEADER] !== undefined) throw later(HEADER, 'header')
  for (const [place, options] of [
    ['opentab', fieldOf(body, 'opentab')],
    ['body.opentab', fieldOf(fieldOf(body, 'body'), 'opentab')],
  ] as const) {
    const field = FIELDS.find((name) => fieldOf(options, name) !== undefined)
    if (field !== undefined) throw later(`${place}.${field}`, 'field')
  }
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined

const later = (param: string, what: string): OpentabError =>
  new OpentabError('unsupported_parameter', `The ${what} \`${param}\` comes with a later version.`, {
    param,
    fix: `Leave \`${param}\` out.`,
  })
