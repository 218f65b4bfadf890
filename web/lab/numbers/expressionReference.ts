import { elementCount } from '../../../protocol/tensor.ts'
import { LabError, type LabWords, wordsOf } from '../labWords.ts'
import type { ExpressionFailure, ExpressionSandbox } from '../sandbox/expressionTask.ts'
import type { Numbers } from './elementArrays.ts'
import type { SizedBuffer } from './labNumbersApi.ts'
import { isWide } from './wholeRange.ts'

/** Words that no variable of a module may be called. */
const RESERVED = new Set(
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield'.split(
    ' ',
  ),
)
const isVariable = (name: string): boolean => /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) && !RESERVED.has(name)

/**
 * The output that a TypeScript expression stands for. It sees the input buffers and the numbers by name, `i` (the
 * element's index) and `at` (its coordinates); it gives one element, or an array with all of them. Elements of 64-bit
 * integers are bigint; as their output it may also give whole numbers that a double holds for certain. Its types are left
 * out. Whoever wrote it, it runs in the sandbox only.
 * @param inputs are moved there
 * @throws LabError `check.empty`, `check.syntax`, `check.threw`, `check.failed`, `check.noNumber`, `check.noWhole`, `check.outOfReach`, `check.slow`; lines count from 1
 */
export async function expressionReference(
  text: string,
  inputs: ReadonlyMap<string, Numbers>,
  numbers: Readonly<Record<string, number>>,
  output: Pick<SizedBuffer, 'shape' | 'datatype'>,
  sandbox: ExpressionSandbox,
): Promise<ArrayLike<number | bigint>> {
  if (text.trim() === '') throw new LabError(wordsOf('check.empty'))
  // Fetched with the first reference of this kind: no other page and no other check wants it.
  const { withoutTypes } = await import('./withoutTypes.ts')
  const plain = withoutTypes(text)
  const seen = Object.entries({ ...Object.fromEntries(inputs), ...numbers })
  const answer = await sandbox.evaluate({
    text: plain,
    values: Object.fromEntries(seen.filter(([name]) => isVariable(name))),
    shape: output.shape,
    count: elementCount(output.shape),
    wide: isWide(output.datatype) ? output.datatype : null,
  })
  if (answer.ok) return answer.elements
  throw new LabError(wordsOfFailure(answer.failure, output.datatype))
}

function wordsOfFailure(failure: ExpressionFailure, datatype: SizedBuffer['datatype']): LabWords {
  switch (failure.kind) {
    case 'threw': {
      const { line, reason } = failure
      return line > 0 ? wordsOf('check.threw', { line, reason }) : wordsOf('check.failed', { reason })
    }
    case 'noNumber':
      return wordsOf('check.noNumber', { index: String(failure.index), value: failure.value })
    case 'noWhole':
      return wordsOf('check.noWhole', { index: String(failure.index), value: failure.value, datatype })
    case 'outOfReach':
      return wordsOf('check.outOfReach', { line: failure.line, name: failure.name })
    case 'slow':
      return wordsOf('check.slow', { seconds: failure.withinMs / 1000 })
    default:
      return failure satisfies never
  }
}
