import * as z from 'zod/mini'
import type { Numbers } from '../numbers/elementArrays.ts'

/** What the sandbox works out. */
export interface ExpressionTask {
  /** JavaScript: the body of an arrow function of `i` and `at`, in lines of its own. */
  text: string
  /** What it sees by name; names are variables. */
  values: Readonly<Record<string, Numbers | number>>
  /** Of the output. */
  shape: readonly number[]
  /** Elements of the output. */
  count: number
  /** Datatype of an output of 64-bit integers; null where its elements fit doubles. */
  wide: 'INT64' | 'UINT64' | null
}

/** Longest sentence of a foreign program that is shown, characters. */
const MOST_WORDS = 500
const words = z.pipe(
  z.string(),
  z.transform((text) => text.slice(0, MOST_WORDS)),
)
const whole = z.number().check(z.int())

/** Why there are no elements. Lines count from 1; 0 where none is known. */
const expressionFailure = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('threw'), reason: words, line: whole }),
  z.object({ kind: z.literal('noNumber'), index: whole, value: words }),
  /** An output of 64-bit integers cannot hold it, or it is a double that may have lost bits. */
  z.object({ kind: z.literal('noWhole'), index: whole, value: words }),
  /** It asked for something that a worker has and an expression must not. */
  z.object({ kind: z.literal('outOfReach'), name: words, line: whole }),
  /** It took longer than `withinMs`. */
  z.object({ kind: z.literal('slow'), withinMs: z.number() }),
])
export type ExpressionFailure = z.infer<typeof expressionFailure>

/** The decoder of the sandbox's answers: what runs there may send anything. */
export const expressionAnswer = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    elements: z.union([
      z.instanceof(Float64Array),
      z.instanceof(BigInt64Array),
      z.instanceof(BigUint64Array),
    ]),
  }),
  z.object({ ok: z.literal(false), failure: expressionFailure }),
])
export type ExpressionAnswer =
  | {
      ok: true
      elements: Float64Array<ArrayBuffer> | BigInt64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>
    }
  | { ok: false; failure: ExpressionFailure }

/** Where expressions run: apart from the relay's origin. */
export interface ExpressionSandbox {
  /** Takes the arrays of `values` with it. */
  evaluate(task: ExpressionTask): Promise<ExpressionAnswer>
}

/** The memory of a task's arrays, each once: what moves with it. */
export const movedWith = ({ values }: ExpressionTask): ArrayBuffer[] => [
  ...new Set(
    Object.values(values).flatMap((value) =>
      ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer ? [value.buffer] : [],
    ),
  ),
]
