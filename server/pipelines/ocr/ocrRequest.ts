import { z } from 'zod'
import { OpentabError } from '../../../protocol/errors.ts'
import { inertFields, parseRequestBody } from '../requestBody.ts'

/** What an OCR job is made from. */
export interface OcrBody {
  /** A PNG or JPEG file. */
  image: Uint8Array
}

/** JSON body of an OCR call. */
export const ocrRequestSchema = z.strictObject({
  model: z.string().min(1).optional(),
  image: z.base64({
    error: 'must be a PNG or JPEG file in base64 (RFC 4648, padded, no line breaks, no `data:` prefix)',
  }),
  ...inertFields,
})

/**
 * The body of an OCR call in JSON, `{image: base64}`, with the model that it asks for, if it names one.
 * @throws OpentabError `invalid_value`, `unsupported_parameter`
 */
export function parseOcrRequest(body: unknown): OcrBody & { model: string | undefined } {
  const { image, model } = parseRequestBody(ocrRequestSchema, body)
  if (image === '') throw new OpentabError('invalid_value', '`image` is empty.', { param: 'image' })
  return { image: new Uint8Array(Buffer.from(image, 'base64')), model }
}
