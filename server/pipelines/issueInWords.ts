import type { z } from 'zod'

/** Longest part of a text that an error repeats, characters. */
const SHOWN = 40

/**
 * What a value must be, for those checks that say nothing by themselves: `must be at most 2`.
 * Given to zod as the `error` of a parse, so that none of its own words reach people.
 */
export function allowedInWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${typeInWords(issue.expected)}`
    case 'too_big':
      return boundInWords(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)
    case 'too_small':
      return boundInWords(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)
    case 'invalid_value':
      return issue.values.length === 1
        ? `must be ${literalInWords(issue.values[0])}`
        : `must be one of ${issue.values.map(literalInWords).join(', ')}`
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`
    case 'invalid_format':
      return issue.pattern === undefined ? `must be ${issue.format}` : `must match ${issue.pattern}`
    case 'unrecognized_keys':
      return `has fields that are not taken: ${issue.keys.join(', ')}`
    case 'invalid_key':
      return 'has a key that is not taken'
    default:
      return 'must have another form'
  }
}

function typeInWords(expected: string): string {
  if (expected === 'int') return 'a whole number'
  if (expected === 'record') return 'an object'
  if (expected === 'null') return 'null'
  if (expected === 'boolean') return 'true or false'
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`
}

function boundInWords(origin: string, bound: string, limit: number | bigint): string {
  const unit = origin === 'string' ? 'character' : origin === 'array' || origin === 'set' ? 'entry' : null
  if (unit === null) return `must be ${bound} ${limit}`
  if (limit === 1n || limit === 1) return `must have ${bound} 1 ${unit}`
  return `must have ${bound} ${limit} ${unit === 'entry' ? 'entries' : 'characters'}`
}

const literalInWords = (value: unknown): string =>
  typeof value === 'string' ? `\`${value}\`` : String(value)

/** The value that was given, short: `3`, `"flex"`, `an array of 100`. */
export function givenInWords(value: unknown): string {
  if (typeof value === 'string')
    return value.length <= SHOWN
      ? JSON.stringify(value)
      : `${JSON.stringify(value.slice(0, SHOWN))}… (${value.length} characters)`
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}
