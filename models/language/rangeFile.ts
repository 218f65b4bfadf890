import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { quotedName, refuseWeights } from '../../protocol/weights/refuseWeights.ts'

/** A local file that is read by ranges. */
export interface RangeFile {
  /** Its name as it goes into messages, quoted. */
  what: string
  /** Its length when it was opened. */
  bytes: number
  /** @throws OpentabError `model_refused` when the file ends before the range does */
  read(from: number, length: number): Promise<Uint8Array<ArrayBuffer>>
  close(): Promise<void>
}

/** Most bytes of one system call, which takes at most 2^31 - 1. */
const CALL_BYTES = 256 * 1024 * 1024

/** @throws OpentabError `model_refused` when there is no readable regular file at the path */
export async function openRangeFile(path: string): Promise<RangeFile> {
  const what = quotedName(basename(path))
  const cannot = (cause: unknown) =>
    refuseWeights(
      `${path} cannot be opened: ${(cause as Error).message}`,
      'Check the path and its permissions.',
    )
  const found = await stat(path).catch((cause) => Promise.reject(cannot(cause)))
  // Looked at before it is opened: opening a pipe waits for its other end.
  if (!found.isFile()) throw refuseWeights(`${path} is not a file.`, 'Name the model file itself.')
  const handle = await open(path, 'r').catch((cause) => Promise.reject(cannot(cause)))
  return {
    what,
    bytes: found.size,
    close: () => handle.close(),
    async read(from, length) {
      const bytes = new Uint8Array(length)
      let done = 0
      while (done < length) {
        const { bytesRead } = await handle.read(bytes, done, Math.min(CALL_BYTES, length - done), from + done)
        if (bytesRead === 0) {
          throw refuseWeights(
            `${what} ends at byte ${from + done}; it had ${found.size} bytes when it was opened.`,
            'Let no other program change the file during the import.',
          )
        }
        done += bytesRead
      }
      return bytes
    },
  }
}
