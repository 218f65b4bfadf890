import type { Command } from 'commander'
import { z } from 'zod'
import { addressArgument, command, contextOf, credits, show } from '../commandLine.ts'
import { callRelay } from '../relayClient.ts'

const accountBody = z.object({
  address: z.string(),
  credits: z.object({ pending: z.string(), escrow: z.string(), settled: z.string(), paid: z.string() }),
  tasks: z.object({ completed: z.number(), rejected: z.number() }),
  receipts: z.object({ count: z.number(), latest: z.string().nullable() }),
})

/** `opentab account ADDRESS` */
export const account = (): Command =>
  command('account', 'what an address earned')
    .argument('<address>', 'wallet address', addressArgument)
    .action(async (address: string, _options, self: Command) => {
      const context = contextOf(self)
      const document = await callRelay(context, `/v1/accounts/${address}`)
      const body = accountBody.parse(document)
      show(context, document, [
        body.address,
        `settled    ${credits(body.credits.settled)}`,
        `pending    ${credits(body.credits.pending)}`,
        `tasks      ${body.tasks.completed} completed, ${body.tasks.rejected} rejected`,
        `receipts   ${body.receipts.count}${body.receipts.latest ? `, the newest is ${body.receipts.latest}` : ''}`,
      ])
    })
