import { randomBytes } from 'node:crypto'
import { JsonEnd } from './jsonEnd.ts'
import type { ToolConvention } from './toolConvention.ts'

/** A part of an answer, in its order. */
export type AnswerPiece =
  | { kind: 'content'; text: string }
  /** A call begins; `index` counts the answer's calls. */
  | { kind: 'call'; index: number; id: string; name: string }
  /** More of the JSON text of its arguments. */
  | { kind: 'arguments'; index: number; text: string }

export interface ToolCallStreamOptions {
  convention: ToolConvention
  /** Functions that may be called; a call of another one is text. */
  names: readonly string[]
  /** Whether calls may follow the first; what comes after it is dropped otherwise. */
  parallel: boolean
  /** Whether the text begins inside a call, because `begin` stands in the prompt. */
  isOpen: boolean
}

/** A call that is not `{"name", "arguments"}` in this order is read when it is whole. */
const HEAD_CHARACTERS = 300

/**
 * Takes the calls out of a model's text as it comes. Nothing that may turn out to be a call is given as content before
 * it is known not to be one; the arguments are given as they come.
 */
export class ToolCallStream {
  readonly #options: ToolCallStreamOptions
  readonly #begin: string
  readonly #end: string
  readonly #head: RegExp
  #mode: 'text' | 'head' | 'arguments' | 'tail' | 'over'
  /** Text that is not given yet. */
  #held = ''
  /** White space before a tag, which is shown where the tag turns out to be none. */
  #gap = ''
  #json = new JsonEnd()
  #calls = 0

  constructor(options: ToolCallStreamOptions) {
    const { begin, end, argumentsField } = options.convention
    this.#options = options
    this.#begin = begin.trim()
    this.#end = end.trim()
    this.#head = new RegExp(
      `^\\s*\\{\\s*"name"\\s*:\\s*("(?:[^"\\\\]|\\\\.)*")\\s*,\\s*"${argumentsField}"\\s*:\\s*(?=\\S)`,
    )
    this.#mode = options.isOpen || this.#begin === '' ? 'head' : 'text'
  }

  /** Calls that have begun. */
  get calls(): number {
    return this.#calls
  }

  push(text: string): AnswerPiece[] {
    this.#held += text
    const pieces: AnswerPiece[] = []
    while (this.#step(pieces));
    return pieces
  }

  /** The text has ended: what was held back. White space at its end is dropped. */
  end(): AnswerPiece[] {
    const pieces = this.push('')
    if (this.#mode === 'text') say(this.#held.trimEnd(), pieces)
    else if (this.#mode === 'head') this.#readWhole(this.#held, pieces)
    this.#held = ''
    this.#mode = 'over'
    return pieces
  }

  /** Works off what is held; true when more can be done with the rest. */
  #step(pieces: AnswerPiece[]): boolean {
    switch (this.#mode) {
      case 'text':
        return this.#readText(pieces)
      case 'head':
        return this.#readHead(pieces)
      case 'arguments':
        return this.#readArguments(pieces)
      case 'tail':
        return this.#readTail()
      case 'over':
        this.#held = ''
        return false
      default:
        return this.#mode satisfies never
    }
  }

  #readText(pieces: AnswerPiece[]): boolean {
    if (this.#begin === '') {
      say(this.#held, pieces)
      this.#held = ''
      return false
    }
    const at = this.#held.indexOf(this.#begin)
    if (at >= 0) {
      const said = this.#held.slice(0, at).trimEnd()
      say(said, pieces)
      this.#gap = this.#held.slice(said.length, at)
      this.#held = this.#held.slice(at + this.#begin.length)
      this.#mode = 'head'
      return true
    }
    // White space before a call is no content.
    const sure = this.#held.slice(0, this.#held.length - overlap(this.#held, this.#begin)).trimEnd()
    say(sure, pieces)
    this.#held = this.#held.slice(sure.length)
    return false
  }

  #readHead(pieces: AnswerPiece[]): boolean {
    const match = this.#head.exec(this.#held)
    const rest = match ? this.#held.slice(match[0].length) : ''
    const name = match ? nameOf(match[1]!) : null
    if (name !== null && rest.startsWith('{') && this.#options.names.includes(name)) {
      this.#begins(name, pieces)
      this.#held = rest
      this.#mode = 'arguments'
      return true
    }
    if (this.#end === '') {
      const start = this.#held.trimStart()
      if (start === '' || (start.startsWith('{') && start.length <= HEAD_CHARACTERS)) return false
      this.#mode = 'text'
      return true
    }
    const at = this.#held.indexOf(this.#end)
    if (at < 0) return false
    const whole = this.#held.slice(0, at)
    this.#held = this.#held.slice(at)
    this.#mode = 'tail'
    // What is no call after all is text, tags and all.
    if (!this.#readWhole(whole, pieces)) say(this.#end, pieces)
    return true
  }

  /** A call of any order of fields. Gives it as text, and false, when it is none. */
  #readWhole(whole: string, pieces: AnswerPiece[]): boolean {
    const { convention, names, isOpen } = this.#options
    let call: Record<string, unknown> | null = null
    try {
      call = JSON.parse(whole) as Record<string, unknown> | null
    } catch {
      // It is no JSON, so it is no call.
    }
    const given = call?.[convention.argumentsField] ?? {}
    const args = typeof given === 'string' ? given : JSON.stringify(given)
    if (typeof call?.name === 'string' && names.includes(call.name)) {
      this.#begins(call.name, pieces)
      pieces.push({ kind: 'arguments', index: this.#calls - 1, text: args })
      return true
    }
    const wasTagged = this.#begin !== '' && !(isOpen && this.#calls === 0)
    say(`${this.#gap}${wasTagged ? this.#begin : ''}${whole}`, pieces)
    return false
  }

  #readArguments(pieces: AnswerPiece[]): boolean {
    const end = this.#json.push(this.#held)
    const text = end < 0 ? this.#held : this.#held.slice(0, end)
    if (text !== '') pieces.push({ kind: 'arguments', index: this.#calls - 1, text })
    this.#held = this.#held.slice(text.length)
    if (end >= 0) this.#mode = 'tail'
    return end >= 0
  }

  #readTail(): boolean {
    if (this.#end === '' || (this.#calls > 0 && !this.#options.parallel)) {
      this.#mode = 'over'
      return true
    }
    const at = this.#held.indexOf(this.#end)
    if (at < 0) return false
    this.#held = this.#held.slice(at + this.#end.length)
    this.#mode = 'text'
    return true
  }

  #begins(name: string, pieces: AnswerPiece[]): void {
    const id = `call_${randomBytes(12).toString('hex')}`
    pieces.push({ kind: 'call', index: this.#calls++, id, name })
    this.#json = new JsonEnd()
  }
}

function say(text: string, pieces: AnswerPiece[]): void {
  if (text !== '') pieces.push({ kind: 'content', text })
}

/** Length of the longest end of `text` that `mark` begins with. */
function overlap(text: string, mark: string): number {
  for (let length = Math.min(text.length, mark.length - 1); length > 0; length--) {
    if (text.endsWith(mark.slice(0, length))) return length
  }
  return 0
}

function nameOf(json: string): string | null {
  try {
    return JSON.parse(json) as string
  } catch {
    return null
  }
}
