import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import negotiate from '@fastify/accept-negotiator'

/** Quality at which a page of some kilobytes takes well under a millisecond. */
const BROTLI_QUALITY = 4

/** A text as it is sent. */
export interface PackedText {
  /** Value of `content-encoding`; null when the text goes out as it is. */
  encoding: 'br' | 'gzip' | null
  /** UTF-8, compressed where `encoding` says so. */
  bytes: Uint8Array
}

/**
 * Compresses a text that is made for one answer, off the event loop.
 * @param accepted the request's `accept-encoding`
 */
export async function packText(text: string, accepted: string | string[] | undefined): Promise<PackedText> {
  const bytes = Buffer.from(text)
  const encoding = negotiate(String(accepted ?? ''), ['br', 'gzip'])
  switch (encoding) {
    case null:
      return { encoding, bytes }
    case 'gzip':
      return { encoding, bytes: await promisify(gzip)(bytes) }
    case 'br':
      return {
        encoding,
        bytes: await promisify(brotliCompress)(bytes, {
          params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY },
        }),
      }
    default:
      return encoding satisfies never
  }
}
