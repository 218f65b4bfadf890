import type { Command } from 'commander'
import { z } from 'zod'
import { command, contextOf, show } from '../commandLine.ts'
import { callRelay } from '../relayClient.ts'

const embeddingsBody = z.object({ data: z.array(z.object({ embedding: z.array(z.number()) })) })
const SHOWN_NUMBERS = 4

/** `opentab embed TEXT...` */
export const embed = (): Command =>
  command('embed', 'sentence embeddings of texts')
    .argument('<text...>', 'one or more texts')
    .option('--model <name>', 'embeddings model', 'all-minilm-l6-v2')
    .option('--api-key <key>', 'API key, where the relay wants one')
    .action(async (input: string[], options: { model: string; apiKey?: string }, self: Command) => {
      const context = contextOf(self)
      const document = await callRelay(context, '/v1/embeddings', {
        body: { model: options.model, input },
        token: options.apiKey,
      })
      const vectors = embeddingsBody.parse(document).data.map((item) => item.embedding)
      show(
        context,
        document,
        vectors.map((vector, index) => {
          const first = vector.slice(0, SHOWN_NUMBERS).map((value) => value.toFixed(4))
          const near = index === 0 ? '' : `, ${cosine(vectors[0]!, vector).toFixed(3)} like the first text`
          return `${input[index]}: [${first.join(', ')}, ...] ${vector.length} numbers${near}`
        }),
      )
    })

/** Cosine of two vectors of length one. */
const cosine = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, index) => sum + value * b[index]!, 0)
