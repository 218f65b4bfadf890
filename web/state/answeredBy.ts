import { say } from '../text/say.ts'
import type { ReceiptRow } from './relayDocuments.ts'

/** Who worked on an answer, from some of its receipts: device classes, and how many contributors where there are several. */
export function answeredBy(rows: readonly Pick<ReceiptRow, 'account' | 'deviceClass'>[]): string | null {
  if (rows.length === 0) return null
  const classes = [...new Set(rows.map(({ deviceClass }) => deviceClass))].join(', ')
  const n = new Set(rows.map(({ account }) => account)).size
  return n === 1 ? say('chat.answeredBy', { classes }) : say('chat.answeredByMany', { n, classes })
}
