import { z } from 'zod'
import { OpentabError } from '../../../protocol/errors.ts'
import { inertFields, parseRequestBody } from '../requestBody.ts'
import { MAX_TEXTS } from './embeddingsLimits.ts'

/** What an embeddings job is made from. */
export interface EmbeddingsBody {
  model: string
  /** 1 to 2048 texts, none empty. */
  input: string[]
  encoding_format: 'float' | 'base64'
}

const text = z.string().min(1, { error: 'is an empty string' })

/** JSON body of an embeddings call. */
export const embeddingsRequestSchema = z.strictObject({
  model: z.string().min(1),
  input: z.union(
    [
      text,
      z
        .array(text)
        .min(1, { error: 'is an empty array' })
        .max(MAX_TEXTS, {
          error: ({ input }) => `has ${lengthOf(input)} texts, at most ${MAX_TEXTS} are taken`,
        }),
    ],
    { error: 'must be a string or an array of strings' },
  ),
  encoding_format: z.enum(['float', 'base64'], { error: 'must be `float` or `base64`' }).nullish(),
  ...inertFields,
})

/**
 * The body of an embeddings call in JSON, as the OpenAI API has it, without `dimensions` and token arrays.
 * @throws OpentabError `invalid_value`, `unsupported_parameter`
 */
export function parseEmbeddingsRequest(body: unknown): EmbeddingsBody {
  refuseTokens(body)
  const { model, input, encoding_format } = parseRequestBody(embeddingsRequestSchema, body)
  return {
    model,
    input: typeof input === 'string' ? [input] : input,
    encoding_format: encoding_format ?? 'float',
  }
}

/** Token ids belong to one vocabulary, OpenAI's: taking them for another's would give vectors of nonsense. */
function refuseTokens(body: unknown): void {
  if (typeof body !== 'object' || body === null || !('input' in body) || !Array.isArray(body.input)) return
  const first: unknown = body.input[0]
  if (typeof first !== 'number' && !Array.isArray(first)) return
  throw new OpentabError('invalid_value', '`input` holds token ids, which are not taken.', {
    param: 'input',
    fix: 'Send `input` as a string or an array of strings (in LangChain: check_embedding_ctx_length=False).',
  })
}

const lengthOf = (input: unknown): number => (Array.isArray(input) ? input.length : 0)
