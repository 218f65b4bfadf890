import { Command } from 'commander'
import { z } from 'zod'
import { command, contextOf, credits, microCreditsArgument, show } from '../commandLine.ts'
import { callAdmin } from '../relayClient.ts'

const key = z.object({
  id: z.string(),
  name: z.string(),
  limit: z.string().nullable(),
  created: z.string(),
  revoked: z.string().nullable(),
})

/** `opentab keys create|list|revoke` */
export function keys(): Command {
  const group = new Command('keys').description('API keys of requesters (operator)')
  group.addCommand(
    command('create', 'make a key; it is shown once')
      .requiredOption('--name <name>', 'whom it is for')
      .option('--limit <micro-credits>', 'most that it may spend', microCreditsArgument)
      .action(async (options: { name: string; limit?: string }, self: Command) => {
        const context = contextOf(self)
        const body = { name: options.name, ...(options.limit === undefined ? {} : { limit: options.limit }) }
        const document = await callAdmin(context, '/admin/keys', { body })
        const made = key.extend({ key: z.string() }).parse(document)
        show(context, document, [made.key])
        if (!context.json) process.stderr.write(`Key ${made.id} for ${made.name}: it is not shown again.\n`)
      }),
  )
  group.addCommand(
    command('list', 'the keys with what they spent').action(async (_options, self: Command) => {
      const context = contextOf(self)
      const document = await callAdmin(context, '/admin/keys')
      const { data } = z.object({ data: z.array(key.extend({ spent: z.string() })) }).parse(document)
      const lines = data.map((each) => {
        const limit = each.limit === null ? 'no limit' : `limit ${credits(each.limit)}`
        const state = each.revoked === null ? 'valid' : `revoked ${each.revoked}`
        return `${each.id}  ${each.name}  ${state}, spent ${credits(each.spent)}, ${limit}`
      })
      show(context, document, lines.length > 0 ? lines : ['There are no keys.'])
    }),
  )
  group.addCommand(
    command('revoke', 'make a key worthless')
      .argument('<id>', 'the key’s id, as keys list shows it')
      .action(async (id: string, _options, self: Command) => {
        const context = contextOf(self)
        const document = await callAdmin(context, `/admin/keys/${encodeURIComponent(id)}`, {
          method: 'DELETE',
        })
        show(context, document, [`Key ${id} is revoked.`])
      }),
  )
  return group
}
