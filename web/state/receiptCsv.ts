import { creditsDecimal } from '../text/formats.ts'
import type { ReceiptRow } from './relayDocuments.ts'

const columns = [
  'id',
  'at',
  'kind',
  'subject',
  'verdict',
  'lane',
  'deviceClass',
  'operations',
  'microCredits',
  'credits',
  'account',
  'relay',
  'task',
  'input',
  'output',
  'seed',
  'previous',
] as const

/**
 * Receipts as CSV (RFC 4180) for spreadsheets. A text that a spreadsheet would run as a formula gets an apostrophe
 * in front: device classes come from tabs.
 */
export function receiptCsv(rows: readonly ReceiptRow[]): string {
  const lines = rows.map((row) => {
    const values = { ...row, credits: creditsDecimal(row.microCredits) }
    return columns.map((column) => cell(values[column] ?? '')).join(',')
  })
  return [columns.join(','), ...lines, ''].join('\r\n')
}

function cell(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const text = /^[=+@\t\r]|^-(?![\d.]+$)/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
