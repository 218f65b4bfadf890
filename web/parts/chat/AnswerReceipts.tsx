import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { relay } from '../../site.ts'
import type { ReceiptRow } from '../../state/relayDocuments.ts'
import { accountPath } from '../../state/route.ts'
import { say } from '../../text/say.ts'

/** Receipts of an answer that are shown; a ring of tabs writes one for each step. */
const SHOWN = 3
/** A receipt is published with the next checkpoint: when to look again, ms, and how often. */
const AGAIN_MS = 1000
const LOOKS = 20

/** Which kinds of device answered, and links to the receipts. */
export function AnswerReceipts({ ids }: { ids: readonly string[] }) {
  const rows = useSignal<readonly ReceiptRow[]>([])
  const shown = ids.slice(0, SHOWN).join()
  useEffect(() => {
    let gone = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = async (left: number): Promise<void> => {
      const answers = await Promise.all(
        shown.split(',').map((id) => relay.receipt(id).catch(() => ({ state: 'pending' as const }))),
      )
      if (gone) return
      rows.value = answers.flatMap((each) => (each.state === 'published' ? [each.receipt] : []))
      if (left > 0 && rows.value.length < answers.length)
        timer = setTimeout(() => void look(left - 1), AGAIN_MS)
    }
    void look(LOOKS)
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [shown])
  const classes = [...new Set(rows.value.map(({ deviceClass }) => deviceClass))]
  return (
    <span class="chat-receipts quiet">
      {classes.length > 0 && <span>{say('chat.answeredBy', { classes: classes.join(', ') })}</span>}
      {rows.value.map(({ id, account }, index) => (
        <a key={id} href={accountPath(account, id)}>
          {say('chat.receipt', { n: rows.value.length === 1 ? 0 : index + 1 })}
        </a>
      ))}
    </span>
  )
}
