import { loadTokenizer } from '../../../protocol/text/loadTokenizer.ts'
import { byteLevelTokenizer } from '../../../protocol/text/sampleTokenizers.ts'
import type { TokenConstraint } from './tokenConstraint.ts'

/** A tokenizer of 275 tokens for tests, and its end token. */
export const tokenizer = loadTokenizer(byteLevelTokenizer())
export const END = tokenizer.vocabulary - 3

const texts = tokenizer.tokenBytes().map((bytes) => tokenizer.decode([]) + new TextDecoder().decode(bytes))
/** Tokens that are whole characters: what halves may become is no text. */
const isWhole = texts.map((text) => text !== '' && !text.includes('\ufffd'))
const closing = new Set(
  [...'"}],', '"}', '": ', '.'].flatMap((text) => texts.flatMap((one, id) => (one === text ? [id] : []))),
)

export const idOf = (text: string): number => texts.indexOf(text)

export const allowed = (mask: Uint32Array): number[] =>
  Array.from({ length: mask.length * 32 }, (_, id) => id).filter(
    (id) => ((mask[id >>> 5]! >>> (id & 31)) & 1) === 1,
  )

/** Texts of the tokens that are allowed, `END` for the end. */
export const allowedTexts = (mask: Uint32Array): string[] =>
  allowed(mask).map((id) => (id === END ? 'END' : (texts[id] ?? `no token ${id}`)))

/**
 * A text that a constraint allows, by a random walk that likes to close what is open.
 * `random` gives numbers in [0, 1). Null where it does not end within 500 tokens.
 */
export async function walk(constraint: TokenConstraint, random: () => number): Promise<string | null> {
  const ids: number[] = []
  for (let step = 0; step < 500; step++) {
    const all = allowed(await constraint.mask())
    if (constraint.ended) return tokenizer.decode(ids)
    if (all.includes(END) && random() < 0.5) return tokenizer.decode(ids)
    const whole = all.filter((id) => isWhole[id])
    const ends = whole.filter((id) => closing.has(id))
    // Parts of a character only where nothing else is left: the grammar is in one.
    const choice = ends.length > 0 && random() < 0.4 ? ends : whole.length > 0 ? whole : all
    const id = choice[Math.floor(random() * choice.length)]!
    ids.push(id)
    constraint.accept(id)
  }
  return null
}

/** Numbers in [0, 1) by a seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
