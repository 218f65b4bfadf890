import { useSignal } from '@preact/signals'
import { answeredBy } from '../../state/answeredBy.ts'
import { accountPath } from '../../state/route.ts'
import { shorten } from '../../state/shorten.ts'
import { say } from '../../text/say.ts'
import { useReceipts } from './useReceipts.ts'

/** Receipts that are read to tell who answered: a ring writes one for each tab's part, and more where a part is long. */
const READ = 6
/** Receipts that the list shows at a time. */
const SHOWN = 20

/** Which kinds of device answered, and the receipts: one as a link, many folded away. */
export function AnswerReceipts({ ids }: { ids: readonly string[] }) {
  const rows = useReceipts(ids.slice(0, READ))
  const by = answeredBy([...rows.values()])
  const only = ids.length === 1 ? rows.get(ids[0]!) : undefined
  return (
    <>
      {by !== null && <span class="quiet">{by}</span>}
      {only && <a href={accountPath(only.account, only.id)}>{say('chat.receipt', { n: 0 })}</a>}
      {ids.length > 1 && <Many ids={ids} />}
    </>
  )
}

function Many({ ids }: { ids: readonly string[] }) {
  const shown = useSignal(0)
  const more = Math.min(SHOWN, ids.length - shown.value)
  return (
    <details
      class="chat-receipts"
      onToggle={({ currentTarget }) => {
        if (currentTarget.open && shown.value === 0) shown.value = Math.min(SHOWN, ids.length)
      }}
    >
      <summary>{say('chat.receipts', { n: ids.length })}</summary>
      {shown.value > 0 && <ReceiptLinks ids={ids.slice(0, shown.value)} />}
      {shown.value > 0 && more > 0 && (
        <button type="button" class="button small" onClick={() => (shown.value += more)}>
          {say('chat.moreReceipts', { n: more })}
        </button>
      )}
    </details>
  )
}

function ReceiptLinks({ ids }: { ids: readonly string[] }) {
  const rows = useReceipts(ids)
  return (
    <ol>
      {ids.map((id, index) => {
        const row = rows.get(id)
        const name = say('chat.receipt', { n: index + 1 })
        return (
          <li key={id} class="quiet">
            {row ? <a href={accountPath(row.account, id)}>{name}</a> : name}
            {' · '}
            {row ? `${row.deviceClass} · ${shorten(row.account)}` : say('chat.receiptDue')}
          </li>
        )
      })}
    </ol>
  )
}
