import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { relay } from '../../site.ts'
import type { ReceiptRow } from '../../state/relayDocuments.ts'

/** A receipt is published with the next checkpoint: when to look again, ms, and how often. */
const AGAIN_MS = 1000
const LOOKS = 20

/** The receipts of these ids that are published, asked for until all are; by id. */
export function useReceipts(ids: readonly string[]): ReadonlyMap<string, ReceiptRow> {
  const rows = useSignal<ReadonlyMap<string, ReceiptRow>>(new Map())
  const wanted = ids.join()
  useEffect(() => {
    let gone = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = async (left: number): Promise<void> => {
      const due = wanted.split(',').filter((id) => id !== '' && !rows.peek().has(id))
      const answers = await Promise.all(due.map((id) => relay.receipt(id).catch(() => null)))
      if (gone) return
      const known = new Map(rows.peek())
      for (const answer of answers)
        if (answer?.state === 'published') known.set(answer.receipt.id, answer.receipt)
      if (known.size > rows.peek().size) rows.value = known
      if (left > 0 && due.some((id) => !known.has(id)))
        timer = setTimeout(() => void look(left - 1), AGAIN_MS)
    }
    void look(LOOKS)
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [wanted])
  return rows.value
}
