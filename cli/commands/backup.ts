import type { Command } from 'commander'
import { z } from 'zod'
import { command, contextOf, fileArgument, show } from '../commandLine.ts'
import { callAdmin } from '../relayClient.ts'

/** `opentab backup FILE` */
export const backup = (): Command =>
  command('backup', 'write a backup while the relay runs (operator)')
    .argument('<file>', 'new file, on the relay’s machine')
    .action(async (file: string, _options, self: Command) => {
      const context = contextOf(self)
      const document = await callAdmin(context, '/admin/backup', { body: { file: fileArgument(file) } })
      const made = z.object({ file: z.string(), bytes: z.number(), logSize: z.number() }).parse(document)
      show(context, document, [
        `${made.file}: ${made.bytes} bytes, ${made.logSize} log entries. It holds the relay's keys: keep it secret.`,
      ])
    })
