/** What may stand in a JSON string as it is: no quotes, backslashes or control characters. */
export const PLAIN = '[^\\u0000-\\u001f\\u0022\\u005c]'

/**
 * Any JSON value, written as Python's json.dumps writes it: one blank after commas and colons. Numbers have no more digits
 * than a double can tell apart, because small models do not always find the end of one.
 */
export const jsonRules: Readonly<Record<string, string>> = {
  value: 'object | array | string | number | "true" | "false" | "null"',
  object: '"{}" | "{" pair (", " pair)* "}"',
  pair: 'string ": " value',
  array: '"[]" | "[" value (", " value)* "]"',
  string: '"\\"" string_rest',
  string_rest: `"\\"" | ${PLAIN} string_rest | "\\\\" escape string_rest`,
  escape: '[\\u0022\\u005c/bfnrt] | "u" [0-9A-Fa-f]{4}',
  integer: '"-"? ("0" | [1-9] [0-9]{0,17})',
  number: 'integer ("." [0-9]{1,17})? ([eE] [+\\-]? [0-9]{1,2})?',
}
