import type { Command } from 'commander'
import { networkDocument } from '../../protocol/network.ts'
import { CommandError } from '../commandError.ts'
import { command, contextOf, credits, show } from '../commandLine.ts'
import { callAdmin, callRelay } from '../relayClient.ts'
import { servingInWords } from '../servingInWords.ts'

/** `opentab status` */
export const status = (): Command =>
  command('status', 'whether the relay takes work, its tabs, its queue').action(
    async (_options, self: Command) => {
      const context = contextOf(self)
      const network = await callRelay(context, '/v1/network')
      const ready = await callRelay(context, '/readyz').then(
        () => null,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      )
      // Without the admin token the public part is shown.
      const admin = await callAdmin(context, '/admin/status').catch((error: unknown) => {
        if (error instanceof CommandError) return null
        throw error
      })
      const { tabs, queue, totals, models = [] } = networkDocument.parse(network)
      show(context, { url: context.relayUrl, ready: ready === null, reason: ready, network, admin }, [
        `${context.relayUrl}: ${ready === null ? 'ready' : `not ready, ${ready}`}`,
        `tabs    ${tabs.length}, ${tabs.filter((tab) => tab.state === 'working').length} working`,
        `queue   ${queue.queued} waiting, ${queue.leased} leased`,
        `totals  ${totals.tasks} tasks, ${credits(totals.microCredits)}`,
        ...models.map((model) => `model   ${model.id}: ${servingInWords(model)}`),
      ])
      if (ready !== null) throw new CommandError('The relay takes no work now.')
    },
  )
