import type { Command } from 'commander'
import { z } from 'zod'
import { command, contextOf, show } from '../commandLine.ts'
import { callRelay } from '../relayClient.ts'

const modelList = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      opentab: z.object({ kind: z.string(), bytes: z.number(), tabs: z.number() }),
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
      const lines = modelList.parse(document).data.map(({ id, opentab: { kind, bytes, tabs } }) => {
        return `${id}  ${kind}, ${(bytes / MEGABYTE).toFixed(1)} MB, ${tabs} ${tabs === 1 ? 'tab' : 'tabs'} ready`
      })
      show(context, document, lines.length > 0 ? lines : ['No model is served.'])
    },
  )
