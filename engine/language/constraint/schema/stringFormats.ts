const date =
  '\\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]|1\\d|2[0-8]))'
const time = '([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,6})?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)'
const label = '[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?'
const byte = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]\\d|\\d)'
const group = '[0-9a-fA-F]{1,4}'
const clock = '(\\d{1,4}H(\\d{1,4}M(\\d{1,4}S)?)?|\\d{1,4}M(\\d{1,4}S)?|\\d{1,4}S)'
const days = '(\\d{1,4}Y(\\d{1,4}M(\\d{1,4}D)?)?|\\d{1,4}M(\\d{1,4}D)?|\\d{1,4}D)'
const path = "[A-Za-z0-9._~!$&'()*+,;=:@/-]*"

/** A double colon stands for one group or more: so many before it, and at most the rest but one after it. */
const compressed = Array.from({ length: 8 }, (_, before) => {
  const after = 7 - before - 1
  const head = before === 0 ? ':' : `(${group}:){${before}}`
  return after > 0 ? `${head}:(${group}(:${group}){0,${after - 1}})?` : `${head}:`
})

/**
 * Formats of strings as regular expressions, each a part of what its standard allows: RFC 3339 (29 February left out),
 * ISO 8601 durations, RFC 5321 and 1123 without quoted parts, RFC 4291, 9562 and 3986 without percent signs.
 */
export const stringFormats: Readonly<Record<string, string>> = {
  date,
  time,
  'date-time': `${date}T${time}`,
  duration: `P(${days}(T${clock})?|T${clock}|\\d{1,4}W)`,
  email: `[A-Za-z0-9_+-]+(\\.[A-Za-z0-9_+-]+)*@(${label}\\.)+[A-Za-z]{2,10}`,
  hostname: `${label}(\\.${label})*`,
  ipv4: `${byte}(\\.${byte}){3}`,
  ipv6: `(${group}:){7}${group}|${compressed.join('|')}`,
  uuid: '[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}',
  uri: `[A-Za-z][A-Za-z0-9+.-]*://${label}(\\.${label})*(:\\d{1,4})?(/${path})?(\\?${path})?(#${path})?`,
}
