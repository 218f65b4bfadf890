import { OpentabError } from '../errors.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { parseDecimal } from './checkpoint.ts'
import { HASH_BYTES } from './merkleHashes.ts'

/** First line of every proof file. */
const MAGIC = 'c2sp.org/tlog-proof@v1'
/** A tree of 2^53 entries has no longer path. */
const MAX_PATH = 63

/** Evidence, checked offline, that an entry is in a log (c2sp.org/tlog-proof). */
export interface ProofFile {
  /** Application's data, not authenticated; Opentab writes none. */
  extra?: Uint8Array
  /** Zero-based index of the entry. */
  index: number
  /** Inclusion path, 32 bytes each, from the leaf's sibling upwards. */
  path: Uint8Array[]
  /** The checkpoint as it was served: a signed note. */
  checkpoint: string
}

/** Writes a proof as text. */
export function formatProofFile({ extra, index, path, checkpoint }: ProofFile): string {
  const extraLine = extra === undefined ? '' : `extra ${encodeBase64(extra)}\n`
  const hashes = path.map((hash) => `${encodeBase64(hash)}\n`).join('')
  return `${MAGIC}\n${extraLine}index ${index}\n${hashes}\n${checkpoint}`
}

/** Reads a proof file; verifies nothing. Throws `receipt_invalid`. */
export function parseProofFile(text: string): ProofFile {
  const refuse = (why: string): never => {
    throw new OpentabError('receipt_invalid', `The proof cannot be read: ${why}.`)
  }
  const split = text.indexOf('\n\n')
  if (split < 0) refuse('no empty line parts its path from its checkpoint')
  const [magic, ...lines] = text.slice(0, split).split('\n')
  if (magic !== MAGIC) refuse(`its first line is not ${MAGIC}`)
  const extra = lines[0]?.startsWith('extra ')
    ? decodeBase64(lines.shift()!.slice('extra '.length), 'The proof’s extra data')
    : undefined
  const indexLine = lines.shift() ?? ''
  const index = indexLine.startsWith('index ') ? parseDecimal(indexLine.slice('index '.length)) : null
  if (index === null) return refuse(`${JSON.stringify(indexLine)} does not give the index`)
  if (lines.length > MAX_PATH) refuse(`its path has ${lines.length} hashes, more than any tree needs`)
  const path = lines.map((line, level) => {
    const hash = decodeBase64(line, `Hash ${level} of the proof`)
    if (hash.length !== HASH_BYTES) refuse(`hash ${level} has ${hash.length} bytes instead of ${HASH_BYTES}`)
    return hash
  })
  return { ...(extra && { extra }), index, path, checkpoint: text.slice(split + 2) }
}
