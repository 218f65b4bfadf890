import { describe, expect, it } from 'vitest'
import { receiptCsv } from './receiptCsv.ts'
import { dayOf, everyReceipt, filterChoices, filterReceipts } from './receiptFilter.ts'
import type { ReceiptRow } from './relayDocuments.ts'

const row = (change: Partial<ReceiptRow>): ReceiptRow => ({
  id: 'r1',
  relay: 'log',
  task: 't1',
  kind: 'infer',
  subject: 'aa',
  input: 'bb',
  output: 'cc',
  seed: null,
  deviceClass: 'apple-m2-156',
  lane: 'float',
  verdict: 'recomputed',
  operations: 2_000_000,
  microCredits: '2000',
  account: '0x5',
  previous: null,
  ...change,
})

describe('the filter', () => {
  const rows = [
    row({ id: 'a', at: '2026-11-22T12:00:00Z' }),
    row({ id: 'b', kind: 'kernel', verdict: 'freivalds', at: '2026-11-20T12:00:00Z' }),
    row({ id: 'c', verdict: 'rejected' }),
  ]
  const ids = (filter: Partial<typeof everyReceipt>) =>
    filterReceipts(rows, { ...everyReceipt, ...filter }).map(({ id }) => id)
  it('lets everything pass at first', () => {
    expect(ids({})).toEqual(['a', 'b', 'c'])
  })
  it('combines its parts', () => {
    expect(ids({ kind: 'infer' })).toEqual(['a', 'c'])
    expect(ids({ kind: 'infer', verdict: 'rejected' })).toEqual(['c'])
    expect(ids({ day: dayOf(rows[1]!) })).toEqual(['b'])
    expect(ids({ kind: 'kernel', verdict: 'rejected' })).toEqual([])
  })
  it('knows no day of a receipt without a time, or with one that is none', () => {
    expect(dayOf(row({}))).toBeNull()
    expect(dayOf(row({ at: 'yesterday' }))).toBeNull()
  })
  it('offers what occurs, newest day first', () => {
    expect(filterChoices(rows)).toEqual({
      kind: ['infer', 'kernel'],
      verdict: ['freivalds', 'recomputed', 'rejected'],
      day: [dayOf(rows[0]!), dayOf(rows[1]!)],
    })
  })
})

describe('the CSV', () => {
  const fields = (change: Partial<ReceiptRow>) => receiptCsv([row(change)]).split('\r\n')[1]
  it('is only its head for no receipts', () => {
    expect(receiptCsv([])).toMatch(/^id,at,.*previous\r\n$/)
  })
  it('quotes commas, quotes and line breaks', () => {
    expect(fields({ deviceClass: 'a "b", c\nd' })).toContain(',"a ""b"", c\nd",')
  })
  it('never hands a spreadsheet a formula', () => {
    expect(fields({ deviceClass: '=1+1' })).toContain(",'=1+1,")
    expect(fields({ deviceClass: '@x' })).toContain(",'@x,")
    expect(fields({ deviceClass: '+1' })).toContain(",'+1,")
    expect(fields({ deviceClass: '-x' })).toContain(",'-x,")
  })
  it('keeps amounts exact and numbers as numbers', () => {
    expect(fields({ microCredits: '-1500000' })).toContain(',2000000,-1500000,-1.500000,')
  })
})
