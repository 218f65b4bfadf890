/** A set of characters: ranges of code points, both ends included, in any order. */
export type CodeRanges = readonly (readonly [number, number])[]

/** A regular language, as a tree. */
export type Regular =
  | { kind: 'set'; ranges: CodeRanges }
  | { kind: 'sequence'; parts: readonly Regular[] }
  | { kind: 'choice'; parts: readonly Regular[] }
  /** `most` null: any number of times. */
  | { kind: 'repeat'; part: Regular; least: number; most: number | null }

export const LAST_CODE = 0x10ffff

export const set = (...ranges: (readonly [number, number])[]): Regular => ({ kind: 'set', ranges })
export const sequence = (...parts: readonly Regular[]): Regular => ({ kind: 'sequence', parts })
export const choice = (...parts: readonly Regular[]): Regular => ({ kind: 'choice', parts })
export const repeat = (part: Regular, least: number, most: number | null): Regular => ({
  kind: 'repeat',
  part,
  least,
  most,
})
export const optional = (part: Regular): Regular => repeat(part, 0, 1)

/** Any of some characters, `charactersOf('+-')`. */
export const oneOf = (characters: string): Regular =>
  set(...[...characters].map((one) => [one.codePointAt(0)!, one.codePointAt(0)!] as const))

export const text = (characters: string): Regular => sequence(...[...characters].map(oneOf))

/** A digit from one to another. */
export const digit = (from = 0, to = 9): Regular => set([0x30 + from, 0x30 + to])

/** Everything outside some ranges. */
export function complement(ranges: CodeRanges): CodeRanges {
  const left: (readonly [number, number])[] = []
  let next = 0
  for (const [from, to] of [...ranges].sort(([a], [b]) => a - b)) {
    if (from > next) left.push([next, from - 1])
    next = Math.max(next, to + 1)
  }
  if (next <= LAST_CODE) left.push([next, LAST_CODE])
  return left
}

/** What JSON escapes in a string: control characters, quotes, backslashes. */
export const escaped: CodeRanges = [
  [0, 0x1f],
  [0x22, 0x22],
  [0x5c, 0x5c],
]

/** A character of a JSON string that stands as it is. */
export const plain: Regular = { kind: 'set', ranges: complement(escaped) }
