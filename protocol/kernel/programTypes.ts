import { type ConstantNamed, constantOf } from './constantExpression.ts'
import type { WgslToken } from './wgslText.ts'

/** What is known of a type; sizes as in WGSL, 14.4.1. */
export interface WgslType {
  /**
   * Bytes of a value; of an array without a count those of one element, of a pointer none. Infinity where a count is not
   * known.
   */
  bytes: number
  align: number
  /** What `[i]` gives; null where it has none. */
  element: WgslType | null
  /** What `.name` gives, for a struct. */
  members: ReadonlyMap<string, WgslType> | null
  /** What a pointer points to. */
  target: WgslType | null
  /** Whether it is an array without a count. */
  isOpen: boolean
}

/** Reads types where they stand. */
export interface ProgramTypes {
  /** The type that begins at a token, and the index behind it; null where none is known there. */
  at: (token: number) => { type: WgslType; end: number } | null
}

const plain = (bytes: number, more: Partial<WgslType> = {}): WgslType => ({
  bytes,
  align: Math.max(1, bytes),
  element: null,
  members: null,
  target: null,
  isOpen: false,
  ...more,
})

/** A value of 32 bits: also what a number without a type becomes. */
export const WORD = plain(4)
const HALF = plain(2)
const scalars: ReadonlyMap<string, WgslType> = new Map([
  ['f32', WORD],
  ['i32', WORD],
  ['u32', WORD],
  ['bool', WORD],
  ['f16', HALF],
])
const VECTOR = /^vec([234])([iufh])?$/
const MATRIX = /^mat([234])x([234])([fh])?$/

const vectorOf = (element: WgslType, count: number): WgslType =>
  plain(element.bytes * count, { align: element.bytes * (count === 2 ? 2 : 4), element })
const roundUp = (bytes: number, align: number): number => Math.ceil(bytes / align) * align

/** A vector of four words. */
export const WIDE = vectorOf(WORD, 4)

/** An array of so many, or of as many as its buffer has. */
export const arrayOf = (element: WgslType, count: number | null): WgslType =>
  plain(roundUp(element.bytes, element.align) * (count ?? 1), {
    align: element.align,
    element,
    isOpen: count === null,
  })

/** The types of a program whose types are known not to be made of themselves (programSize.ts). */
export function programTypes(tokens: readonly WgslToken[], constantNamed: ConstantNamed): ProgramTypes {
  const declared = new Map<string, number>()
  for (const [i, { text }] of tokens.entries())
    if (text === 'struct' || text === 'alias') declared.set(tokens[i + 1]?.text ?? '', i)
  const known = new Map<string, WgslType | null>()

  function named(name: string): WgslType | null {
    const before = known.get(name)
    if (before !== undefined) return before
    known.set(name, null)
    const from = declared.get(name)
    const type =
      from === undefined
        ? null
        : tokens[from]!.text === 'alias'
          ? (at(from + 3)?.type ?? null)
          : structAt(from + 3)
    known.set(name, type)
    return type
  }

  function at(i: number): { type: WgslType; end: number } | null {
    const text = tokens[i]?.text ?? ''
    const isTemplate = tokens[i + 1]?.text === '<'
    const scalar = scalars.get(text)
    if (scalar) return { type: scalar, end: i + 1 }
    const vector = VECTOR.exec(text)
    const matrix = MATRIX.exec(text)
    const template = isTemplate ? templateAt(i + 1) : null
    const end = template?.end ?? i + 1
    const first = template?.parts[0]
    const inner = first === undefined ? null : (at(first)?.type ?? null)
    const scalarOf = (letter: string | undefined): WgslType => (letter === 'h' ? HALF : (inner ?? WORD))
    if (vector) return { type: vectorOf(scalarOf(vector[2]), Number(vector[1])), end }
    if (matrix) {
      const column = vectorOf(scalarOf(matrix[3]), Number(matrix[2]))
      return { type: arrayOf(column, Number(matrix[1])), end }
    }
    if (text === 'atomic') return { type: WORD, end }
    if (text === 'ptr') {
      const target = template?.parts[1] === undefined ? null : (at(template.parts[1])?.type ?? null)
      return { type: plain(0, { target }), end }
    }
    if (text === 'array') {
      if (!template || !inner) return null
      const [, second] = template.parts
      if (second === undefined) return { type: arrayOf(inner, null), end }
      const last = tokens[end - 2]!.text === ',' ? end - 2 : end - 1
      const count = constantOf(tokens.slice(second, last), constantNamed)
      return { type: arrayOf(inner, count !== undefined && count >= 1 ? count : Infinity), end }
    }
    const type = declared.has(text) ? named(text) : null
    return type && { type, end: i + 1 }
  }

  /** Where the parts of `<a, b>` begin, and the index behind it; null where it is not closed. */
  function templateAt(open: number): { parts: number[]; end: number } | null {
    const parts = [open + 1]
    let [angles, rounds] = [0, 0]
    for (let i = open; i < tokens.length; i++) {
      const { text } = tokens[i]!
      if (text === '(') rounds++
      else if (text === ')') rounds--
      else if (/^[;{}]$/.test(text) || rounds < 0) return null
      else if (rounds > 0) continue
      else if (text === '<') angles++
      else if (text.startsWith('>') && --angles === 0) return { parts, end: i + 1 }
      else if (text === ',' && angles === 1 && !tokens[i + 1]?.text.startsWith('>')) parts.push(i + 1)
    }
    return null
  }

  /** The struct whose first member stands at a token. */
  function structAt(from: number): WgslType | null {
    const members = new Map<string, WgslType>()
    let [bytes, most] = [0, 1]
    for (let i = from; i < tokens.length && tokens[i]!.text !== '}'; ) {
      let [size, align] = [0, 0]
      while (tokens[i]?.text === '@') {
        const { text } = tokens[i + 1] ?? { text: '' }
        let end = i + 2
        if (tokens[end]?.text === '(') while (end < tokens.length && tokens[end]!.text !== ')') end++
        const value = constantOf(tokens.slice(i + 3, end), constantNamed) ?? Number.NaN
        if (text === 'size') size = value
        if (text === 'align') align = value
        i = tokens[i + 2]?.text === '(' ? end + 1 : i + 2
      }
      const member = at(i + 2)
      if (!member || !(size >= 0 && align >= 0)) return null
      const aligned = Math.max(align, member.type.align)
      bytes = roundUp(bytes, aligned) + Math.max(size, member.type.bytes)
      most = Math.max(most, aligned)
      members.set(tokens[i]!.text, member.type)
      i = member.end + (tokens[member.end]?.text === ',' ? 1 : 0)
    }
    return plain(roundUp(bytes, most), { align: most, members })
  }
  return { at }
}
