import { expect, it } from 'vitest'
import { OpentabError } from '../../protocol/errors.ts'
import soak from './agreement.soak.ts'

/** The first run downloads 94 MB; later ones find them in the cache. */
const TIMEOUT_MS = 600_000

it('SmolLM2 says what an independent implementation says, whole and in three stages', {
  timeout: TIMEOUT_MS,
}, async ({ skip }) => {
  // A fiftieth of the long run: two prompts of eight tokens.
  const results = await soak({ scale: 1 / 50 }).catch((error: unknown) => {
    if (error instanceof OpentabError && error.code === 'source_unreachable') return error.message
    throw error
  })
  if (typeof results === 'string') return skip(results)
  expect(results).toMatchObject([
    { stages: 1, equal: 2, prompts: 2, tokens: 8 },
    { stages: 3, equal: 2, prompts: 2, tokens: 8 },
  ])
})
