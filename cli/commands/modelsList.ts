import type { Command } from 'commander'
import { z } from 'zod'
import { command, contextOf, show } from '../commandLine.ts'
import { callRelay } from '../relayClient.ts'
import { servingInWords } from '../servingInWords.ts'

const modelList = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      opentab: z.object({
        kind: z.string(),
        bytes: z.number(),
        tabs: z.number(),
        tabsWhole: z.number().optional(),
        stages: z.number().optional(),
        stagesHeld: z.number().optional(),
        memoryWanted: z.number().optional(),
        tabsFailed: z.number().optional(),
        mode: z.enum(['whole', 'shared', 'none']).optional(),
      }),
    }),
  ),
})
const MEGABYTE = 1e6

/** `opentab models list` */
export const modelsList = (): Command =>
  command('list', 'models with their size and the tabs that can run them').action(
    async (_options, self: Command) => {
      const context = contextOf(self)
      const document = await callRelay(context, '/v1/models')
      const lines = modelList.parse(document).data.map(({ id, opentab }) => {
        const { kind, bytes } = opentab
        return `${id}  ${kind}, ${(bytes / MEGABYTE).toFixed(1)} MB, ${servingInWords(opentab)}`
      })
      show(context, document, lines.length > 0 ? lines : ['No model is served.'])
    },
  )
