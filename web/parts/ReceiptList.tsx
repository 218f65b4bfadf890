import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { relay } from '../site.ts'
import { receiptCsv } from '../state/receiptCsv.ts'
import { everyReceipt, filterChoices, filterReceipts, type ReceiptFilter } from '../state/receiptFilter.ts'
import type { ReceiptRow } from '../state/relayDocuments.ts'
import { accountPath } from '../state/route.ts'
import { kindWord, verdictWords } from '../state/taskWords.ts'
import { formats, say } from '../text/say.ts'
import { Credits } from './Credits.tsx'
import { saveFile } from './saveFile.ts'

/** Receipts of one page of the list, and of one call while the CSV is gathered. */
const PAGE = 50
const CSV_PAGE = 200

/** The receipts of an address, newest first, with filters and CSV. */
export function ReceiptList({
  address,
  total,
  open,
}: {
  address: string
  total: number
  open: string | null
}) {
  const rows = useSignal<readonly ReceiptRow[]>([])
  /** Null at the end of the list. */
  const next = useSignal<string | null>(null)
  const trouble = useSignal<string | null>(null)
  const busy = useSignal(true)
  const filter = useSignal<ReceiptFilter>(everyReceipt)

  const more = async (cursor: string | null, limit: number) => {
    busy.value = true
    trouble.value = null
    try {
      const page = await relay.receipts(address, cursor, limit)
      rows.value = cursor === null ? page.data : [...rows.value, ...page.data]
      next.value = page.next
    } catch (error) {
      trouble.value = error instanceof Error ? error.message : String(error)
    }
    busy.value = false
  }
  useEffect(() => {
    void more(null, PAGE)
  }, [])

  const shown = filterReceipts(rows.value, filter.value)
  return (
    <section class="card" aria-labelledby="receipts-title">
      <div class="card-head">
        <h2 id="receipts-title">{say('account.receipts')}</h2>
        {rows.value.length > 0 && (
          <p class="quiet figure" role="status">
            {say('account.shown', {
              shown: shown.length,
              loaded: rows.value.length,
              total: Math.max(total, rows.value.length),
            })}
          </p>
        )}
      </div>
      {rows.value.length > 0 && (
        <div class="filters">
          <Filters
            rows={rows.value}
            filter={filter.value}
            choose={(change) => {
              filter.value = { ...filter.value, ...change }
            }}
          />
          <CsvButton
            busy={busy.value}
            read={rows.value.length}
            save={async () => {
              while (next.value !== null && trouble.value === null) await more(next.value, CSV_PAGE)
              if (trouble.value !== null) return
              const name = say('account.csvName', { address: address.slice(2, 10).toLowerCase() })
              saveFile(name, 'text/csv', receiptCsv(filterReceipts(rows.value, filter.value)))
            }}
          />
        </div>
      )}
      {rows.value.length === 0 && !busy.value && trouble.value === null && (
        <p class="quiet">{say('account.noReceipts')}</p>
      )}
      {rows.value.length > 0 && shown.length === 0 && <p class="quiet">{say('filter.none')}</p>}
      <ol class="rows receipts">
        {shown.map((row) => (
          <Row key={row.id} row={row} address={address} open={row.id === open} />
        ))}
      </ol>
      {trouble.value !== null && (
        <p class="warning" role="alert">
          {say('account.failed', { reason: trouble.value })}
        </p>
      )}
      {(next.value !== null || trouble.value !== null) && (
        <button
          type="button"
          class="button small"
          disabled={busy.value}
          onClick={() => void more(rows.value.length === 0 ? null : next.value, PAGE)}
        >
          {say(trouble.value === null ? 'account.more' : 'account.retry')}
        </button>
      )}
    </section>
  )
}

function CsvButton({ busy, read, save }: { busy: boolean; read: number; save: () => Promise<void> }) {
  return (
    <button type="button" class="button small" disabled={busy} onClick={() => void save()}>
      {busy ? say('account.csvBusy', { n: read }) : say('account.csv')}
    </button>
  )
}

function Filters(props: {
  rows: readonly ReceiptRow[]
  filter: ReceiptFilter
  choose: (change: Partial<ReceiptFilter>) => void
}) {
  const choices = filterChoices(props.rows)
  const words: Record<keyof ReceiptFilter, (value: string) => string> = {
    kind: kindWord,
    verdict: (value) => verdictWords(value).word,
    day: (value) => formats.day(new Date(`${value}T12:00:00`).getTime()),
  }
  const names = ['kind', 'verdict', 'day'] as const
  return (
    <>
      {names.map(
        (name) =>
          choices[name].length > 0 && (
            <label key={name}>
              {say(`filter.${name}`)}
              <select
                value={props.filter[name] ?? ''}
                onChange={({ currentTarget }) => props.choose({ [name]: currentTarget.value || null })}
              >
                <option value="">{say('filter.all')}</option>
                {choices[name].map((value) => (
                  <option key={value} value={value}>
                    {words[name](value)}
                  </option>
                ))}
              </select>
            </label>
          ),
      )}
    </>
  )
}

function Row({ row, address, open }: { row: ReceiptRow; address: string; open: boolean }) {
  const { word, why } = verdictWords(row.verdict)
  return (
    <li data-open={open}>
      <div class="row-main">
        <a class="row-what" href={accountPath(address, row.id)} aria-current={open ? 'true' : undefined}>
          <span class="mono">{row.id}</span>
        </a>
        <Credits microCredits={row.microCredits} />
      </div>
      <div class="row-more">
        <span class="tag">{kindWord(row.kind)}</span>
        {row.at !== undefined && (
          <time class="figure" dateTime={row.at}>
            {formats.moment(Date.parse(row.at))}
          </time>
        )}
        <span class={row.verdict === 'rejected' ? 'verdict warning' : 'verdict'} title={why}>
          {word}
        </span>
        <span>{row.deviceClass}</span>
      </div>
    </li>
  )
}
