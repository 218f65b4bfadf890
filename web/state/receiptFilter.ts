import type { ReceiptRow } from './relayDocuments.ts'

/** What the reader wants to see; null: everything. */
export interface ReceiptFilter {
  kind: string | null
  verdict: string | null
  /** Calendar day of the reader, `2026-11-22`. */
  day: string | null
}

export const everyReceipt: ReceiptFilter = { kind: null, verdict: null, day: null }

/** The reader's calendar day of a receipt; null where the relay did not say when it was made. */
export function dayOf(row: Pick<ReceiptRow, 'at'>): string | null {
  const at = new Date(row.at ?? Number.NaN)
  if (Number.isNaN(at.getTime())) return null
  const two = (value: number) => String(value).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

/** The rows that pass, in their order. */
export const filterReceipts = (rows: readonly ReceiptRow[], filter: ReceiptFilter): ReceiptRow[] =>
  rows.filter(
    (row) =>
      (filter.kind === null || row.kind === filter.kind) &&
      (filter.verdict === null || row.verdict === filter.verdict) &&
      (filter.day === null || dayOf(row) === filter.day),
  )

/** What can be chosen: the values that occur, kinds and verdicts in alphabetical order, days newest first. */
export function filterChoices(rows: readonly ReceiptRow[]): Record<keyof ReceiptFilter, string[]> {
  const days = rows.map(dayOf).filter((day) => day !== null)
  return {
    kind: [...new Set(rows.map((row) => row.kind))].sort(),
    verdict: [...new Set(rows.map((row) => row.verdict))].sort(),
    day: [...new Set(days)].sort().reverse(),
  }
}
