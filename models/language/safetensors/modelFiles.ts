import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { quotedName, refuseWeights } from '../../../protocol/weights/refuseWeights.ts'
import { openRangeFile } from '../rangeFile.ts'

/** Largest small file of a model folder, bytes. Gemma's tokenizer.json has 33 MB. */
const MAX_FILE_BYTES = 128 * 1024 * 1024

/**
 * A file of the folder, or null when there is none of that name.
 * @throws OpentabError `model_refused` when it cannot be read or is larger than 128 MiB
 */
export async function readModelFile(folder: string, name: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const path = join(folder, name)
  if (!(await stat(path).catch(() => null))) return null
  const file = await openRangeFile(path)
  try {
    if (file.bytes > MAX_FILE_BYTES) {
      throw refuseWeights(`${file.what} has ${file.bytes} bytes; at most ${MAX_FILE_BYTES} are read.`)
    }
    return await file.read(0, file.bytes)
  } finally {
    await file.close()
  }
}

/** @throws OpentabError `model_refused` when the bytes are not UTF-8 */
export function textOf(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw refuseWeights(`${quotedName(name)} is not UTF-8.`, 'Take another copy of the file.')
  }
}

/** @throws OpentabError `model_refused` when the bytes are not a JSON object */
export function objectOf(bytes: Uint8Array, name: string): Record<string, unknown> {
  const text = textOf(bytes, name)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw refuseWeights(
      `${quotedName(name)} is not valid JSON: ${(cause as Error).message.slice(0, 200)}.`,
      'Download the file again.',
    )
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw refuseWeights(`${quotedName(name)} is not a JSON object.`, 'Take another copy of the file.')
}
