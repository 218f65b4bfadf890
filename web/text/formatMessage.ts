/**
 * Fills a message of the catalogue. The syntax is a part of ICU MessageFormat: `{name}`, and
 * `{count, plural, =0 {none} one {# task} other {# tasks}}` / `{kind, select, a {..} other {..}}`, nested as needed.
 * An apostrophe is an ordinary character.
 */

type Node =
  | string
  | { hash: true }
  | { name: string; choose: null | { plural: boolean; cases: Map<string, Node[]> } }

const parsed = new Map<string, Node[]>()

/** @throws SyntaxError that names the message and the place. */
export function parseMessage(message: string): Node[] {
  const known = parsed.get(message)
  if (known !== undefined) return known
  let at = 0
  const fail = (wanted: string): never => {
    throw new SyntaxError(`Message ${JSON.stringify(message)}: ${wanted} expected at character ${at}.`)
  }
  const space = () => {
    while (message[at] === ' ' || message[at] === '\n') at++
  }
  const word = (pattern: RegExp): string => {
    space()
    pattern.lastIndex = at
    const found = pattern.exec(message)?.[0] ?? fail('a name')
    at += found.length
    space()
    return found
  }
  const expectChar = (character: string) => {
    if (message[at] !== character) fail(character)
    at++
  }
  const cases = (plural: boolean): Map<string, Node[]> => {
    const found = new Map<string, Node[]>()
    space()
    while (message[at] !== '}') {
      const key = word(/=\d+|\w+/y)
      expectChar('{')
      found.set(key, sequence(plural))
      expectChar('}')
      space()
    }
    if (!found.has('other')) fail('a case named other')
    return found
  }
  const sequence = (inPlural: boolean): Node[] => {
    const nodes: Node[] = []
    let text = ''
    const flush = () => {
      if (text !== '') nodes.push(text)
      text = ''
    }
    while (at < message.length && message[at] !== '}') {
      if (message[at] === '{') {
        flush()
        at++
        const name = word(/\w+/y)
        if (message[at] === ',') {
          at++
          const kind = word(/\w+/y)
          if (kind !== 'plural' && kind !== 'select') fail('plural or select')
          expectChar(',')
          nodes.push({ name, choose: { plural: kind === 'plural', cases: cases(kind === 'plural') } })
        } else nodes.push({ name, choose: null })
        expectChar('}')
      } else if (inPlural && message[at] === '#') {
        flush()
        nodes.push({ hash: true })
        at++
      } else text += message[at++]
    }
    flush()
    return nodes
  }
  const nodes = sequence(false)
  if (at < message.length) fail('the end')
  parsed.set(message, nodes)
  return nodes
}

/** The names that a message asks for, sorted. */
export function argumentsOf(message: string): string[] {
  const names = new Set<string>()
  const visit = (nodes: readonly Node[]) => {
    for (const node of nodes) {
      if (typeof node === 'string' || 'hash' in node) continue
      names.add(node.name)
      for (const inner of node.choose?.cases.values() ?? []) visit(inner)
    }
  }
  visit(parseMessage(message))
  return [...names].sort()
}

/** The locale's own ways of counting. */
export interface MessageLocale {
  plural: Intl.PluralRules
  number: Intl.NumberFormat
}

/**
 * A message with its values, as parts: strings, and values that are neither text nor number (elements of the page) as
 * they were given. Plain numbers go through the locale's number format.
 * @throws ReferenceError when a value is missing.
 */
export function messageParts<Value>(
  message: string,
  values: Readonly<Record<string, Value | string | number>>,
  locale: MessageLocale,
): (string | Value)[] {
  const parts: (string | Value)[] = []
  const push = (part: string | Value) => {
    const last = parts.length - 1
    const before = parts[last]
    if (typeof part === 'string' && typeof before === 'string') parts[last] = before + part
    else parts.push(part)
  }
  const write = (nodes: readonly Node[], count: number) => {
    for (const node of nodes) {
      if (typeof node === 'string') push(node)
      else if ('hash' in node) push(locale.number.format(count))
      else {
        const value = values[node.name]
        if (value === undefined) {
          throw new ReferenceError(`Message ${JSON.stringify(message)} has no value for ${node.name}.`)
        }
        if (node.choose === null) push(typeof value === 'number' ? locale.number.format(value) : value)
        else {
          const { plural, cases } = node.choose
          const number = Number(value)
          const chosen = plural
            ? (cases.get(`=${number}`) ?? cases.get(locale.plural.select(number)))
            : cases.get(String(value))
          write(chosen ?? cases.get('other')!, plural ? number : count)
        }
      }
    }
  }
  write(parseMessage(message), Number.NaN)
  return parts
}
