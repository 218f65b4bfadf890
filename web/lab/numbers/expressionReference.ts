import { elementCount } from '../../../protocol/tensor.ts'
import { LabError, wordsOf } from '../labWords.ts'
import { coordinatesOf } from './compareNumbers.ts'
import type { Numbers } from './elementArrays.ts'
import type { SizedBuffer } from './labNumbersApi.ts'

/** Words that no variable of a module may be called. */
const RESERVED = new Set(
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield'.split(
    ' ',
  ),
)
const isVariable = (name: string): boolean => /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) && !RESERVED.has(name)

type Element = (i: number, at: readonly number[]) => unknown

/**
 * The output that a TypeScript expression of the person's stands for. It sees the input buffers and the numbers by name,
 * `i` (the element's index) and `at` (its coordinates); it gives one element, or an array with all of them. Its types are
 * left out. It runs in this worker, which has no network, as a module of its own.
 * @throws LabError `check.empty`, `check.syntax`, `check.threw`, `check.failed`, `check.noNumber`; lines count from 1
 */
export async function expressionReference(
  text: string,
  inputs: ReadonlyMap<string, Numbers>,
  numbers: Readonly<Record<string, number>>,
  output: SizedBuffer,
): Promise<ArrayLike<number>> {
  if (text.trim() === '') throw new LabError(wordsOf('check.empty'))
  // Fetched with the first reference of this kind: no other page and no other check wants it.
  const { withoutTypes } = await import('./withoutTypes.ts')
  const plain = withoutTypes(text)
  const values = { ...Object.fromEntries(inputs), ...numbers }
  const names = Object.keys(values).filter(isVariable)
  // The expression's first line is the module's second.
  const code = `export default ({ ${names.join(', ')} }) => (i, at) => (\n${plain}\n)`
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
  try {
    const module: { default: (values: unknown) => Element } = await import(/* @vite-ignore */ url)
    return elementsOf(module.default(values), output)
  } catch (error) {
    throw error instanceof LabError ? error : failureOf(error, url)
  } finally {
    URL.revokeObjectURL(url)
  }
}

/** @throws LabError `check.noNumber`; what the expression throws */
function elementsOf(element: Element, { shape }: SizedBuffer): ArrayLike<number> {
  const count = elementCount(shape)
  if (count === 0) return []
  const first = element(0, coordinatesOf(0, shape))
  if (isArray(first)) return Float64Array.from(first, numberAt)
  const elements = new Float64Array(count)
  elements[0] = numberAt(first, 0)
  for (let i = 1; i < count; i++) elements[i] = numberAt(element(i, coordinatesOf(i, shape)), i)
  return elements
}

const isArray = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value)

function numberAt(value: unknown, index: number): number {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean' || typeof value === 'bigint') return Number(value)
  throw new LabError(wordsOf('check.noNumber', { index: String(index), value: described(value) }))
}

const described = (value: unknown): string =>
  value === null || value === undefined
    ? String(value)
    : typeof value === 'string'
      ? `"${value}"`
      : typeof value

/** What the person's own code threw, with its line. */
function failureOf(error: unknown, url: string): LabError {
  const reason = error instanceof Error ? error.message : String(error)
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const from = stack.indexOf(`${url}:`)
  const line = from < 0 ? Number.NaN : Number.parseInt(stack.slice(from + url.length + 1), 10) - 1
  return new LabError(
    line > 0 ? wordsOf('check.threw', { line, reason }) : wordsOf('check.failed', { reason }),
  )
}
