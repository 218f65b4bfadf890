import { type ConstantNamed, constantOf } from './constantExpression.ts'
import type { WgslToken } from './wgslText.ts'

const SCALARS: ReadonlyMap<string, number> = new Map([
  ['f32', 4],
  ['i32', 4],
  ['u32', 4],
  ['bool', 4],
  ['f16', 2],
])
const VECTOR = /^vec([234])([iufh])?$/
const MATRIX = /^mat([234])x([234])([fh])?$/

/**
 * Bytes of a type that begins at `from`; undefined where that is not known here. A vector of three takes the room of four.
 * @param structBytes bytes of a struct or alias by its name
 */
export function typeBytes(
  tokens: readonly WgslToken[],
  from: number,
  constantNamed: ConstantNamed,
  structBytes: (name: string) => number | undefined,
): number | undefined {
  const { text } = tokens[from]!
  const inner = (): number | undefined =>
    tokens[from + 1]?.text === '<' ? typeBytes(tokens, from + 2, constantNamed, structBytes) : undefined
  const scalar = SCALARS.get(text)
  if (scalar !== undefined) return scalar
  if (text === 'atomic') return 4
  const vector = VECTOR.exec(text)
  if (vector) {
    const element = vector[2] === undefined ? (inner() ?? 4) : vector[2] === 'h' ? 2 : 4
    return (vector[1] === '2' ? 2 : 4) * element
  }
  const matrix = MATRIX.exec(text)
  if (matrix) {
    const element = matrix[3] === undefined ? (inner() ?? 4) : matrix[3] === 'h' ? 2 : 4
    return Number(matrix[1]) * (matrix[2] === '2' ? 2 : 4) * element
  }
  if (text !== 'array') return structBytes(text)
  const element = inner()
  const count = elementCountOf(tokens, from + 1, constantNamed)
  return element === undefined || count === undefined ? undefined : element * count
}

/** The count of `<T, N>`; undefined where it has none or it is not known. */
function elementCountOf(
  tokens: readonly WgslToken[],
  open: number,
  constantNamed: ConstantNamed,
): number | undefined {
  let depth = 0
  let comma = -1
  for (let i = open; i < tokens.length; i++) {
    const { text } = tokens[i]!
    if (text === '<' || text === '(') depth++
    else if (text === ')') depth--
    else if (text === ',' && depth === 1 && comma < 0) comma = i
    else if (text === '>' || text === '>=') {
      depth--
      if (depth > 0) continue
      const end = tokens[i - 1]!.text === ',' ? i - 1 : i
      return comma < 0 || comma >= end ? undefined : constantOf(tokens.slice(comma + 1, end), constantNamed)
    } else if (text === ';' || text === '{') return undefined
  }
  return undefined
}
