import { z } from 'zod'
import { printableLine } from '../printable.ts'

/** One line of `result.matrix`, as far as the table shows it. */
export const matrixRow = z.object({
  deviceClass: z.string(),
  verdict: z.enum(['agrees', 'differs', 'unverified', 'failed']),
  maxUlp: z.number().nullable(),
  medianMs: z.number().nullable(),
  madMs: z.number().nullable(),
  timing: z.enum(['timestamps', 'wall']).nullable(),
  timedRuns: z.number(),
  tabs: z.number(),
  adapter: z.object({ description: z.string(), software: z.boolean() }),
  mismatch: z
    .object({
      output: z.string(),
      index: z.number(),
      value: z.union([z.number(), z.string()]),
      reference: z.union([z.number(), z.string()]),
    })
    .nullable(),
  message: z.string().nullable(),
})
export type MatrixRow = z.infer<typeof matrixRow>

const HEAD = ['device class', 'verdict', 'max ULP', 'median ms', 'MAD ms', 'timing', 'runs', 'tabs']
const number = (value: number | null, digits: number): string =>
  value === null ? '-' : value.toFixed(digits)

/** The matrix as a table for people, with a line below for each class that differs or failed. */
export function matrixTable(rows: readonly MatrixRow[]): string[] {
  const cells = rows.map((row) => [
    printableLine(row.deviceClass),
    row.verdict,
    row.maxUlp === null ? '-' : String(row.maxUlp),
    number(row.medianMs, 3),
    number(row.madMs, 3),
    row.timing ?? '-',
    String(row.timedRuns),
    String(row.tabs),
  ])
  const widths = HEAD.map((head, column) => Math.max(head.length, ...cells.map((row) => row[column]!.length)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd()
  const notes = rows.flatMap(({ deviceClass, mismatch, message }) => {
    const say = (sentence: string): string[] => [printableLine(`${deviceClass}: ${sentence}`)]
    if (message !== null) return say(message)
    if (mismatch === null) return []
    const { output, index, value, reference } = mismatch
    return say(`${output}[${index}] is ${value} and should be ${reference}.`)
  })
  return [line(HEAD), ...cells.map(line), ...notes]
}

/** Whether the run counts as failed in a script: a class differs from what is right, or could not run it. */
export const hasMismatch = (rows: readonly MatrixRow[]): boolean =>
  rows.length === 0 || rows.some(({ verdict }) => verdict === 'differs' || verdict === 'failed')
