import { transform } from 'sucrase'
import { LabError, wordsOf } from '../labWords.ts'

/** Bodies of functions inside each other that are looked into for the place of a mistake. */
const MOST_BODIES = 32

/**
 * A TypeScript expression without its types, every line where it was.
 * @throws LabError `check.syntax` with the line, from 1
 */
export function withoutTypes(text: string): string {
  // Brackets of their own lines, so that a comment at its end ends there.
  const source = `(\n${text}\n)`
  const mistake = attempt(source)
  if ('code' in mistake) return mistake.code.slice(2, -2)
  const { at, reason } = within(source, mistake)
  const lines = text.split('\n').length
  const line = Math.min(source.slice(0, at).split('\n').length - 1, lines)
  throw new LabError(wordsOf('check.syntax', { line, reason }))
}

interface Mistake {
  /** Place in the text. */
  at: number
  /** What the parser says, with a full stop. */
  reason: string
}

function attempt(source: string): { code: string } | Mistake {
  try {
    const { code } = transform(source, { transforms: ['typescript'], disableESTransforms: true })
    return { code }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const at = 'pos' in error ? Number(error.pos) : 0
    return { at, reason: `${error.message.replace(/^Error transforming[^:]*: | \(\d+:\d+\)$/g, '')}.` }
  }
}

/**
 * The mistake itself. The parser (sucrase 3.35) takes an arrow function whose body is wrong for something else, and then
 * stumbles over its arrow: the body is read by itself, where it stands.
 */
function within(source: string, mistake: Mistake): Mistake {
  let found = mistake
  for (let bodies = 0; bodies < MOST_BODIES; bodies++) {
    const arrow = /^=>\s*/.exec(source.slice(found.at))
    if (!arrow) return found
    const from = found.at + arrow[0].length
    const head = source[from] === '{' ? 'function _()' : '('
    const inner = attempt(head + source.slice(from))
    if ('code' in inner || inner.at < head.length) return found
    found = { ...inner, at: inner.at - head.length + from }
  }
  return found
}
