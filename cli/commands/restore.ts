import type { Command } from 'commander'
import { command, contextOf, fileArgument, show } from '../commandLine.ts'

/** `opentab restore FILE` */
export const restore = (): Command =>
  command('restore', 'put a backup into a data folder without a relay’s data (operator)')
    .argument('<file>', 'what opentab backup wrote')
    .action(async (file: string, _options, self: Command) => {
      const context = contextOf(self)
      const { restoreBackup } = await import('../../server/ops/backup.ts')
      const publicUrl = context.config.PUBLIC_URL ?? undefined
      const restored = await restoreBackup(fileArgument(file), context.dataFolder, publicUrl)
      show(context, { data: context.dataFolder, ...restored }, [
        `Restored into ${context.dataFolder}. The log goes on as ${restored.origin}; its first entry names the checkpoint of ${restored.previous ?? 'an empty log'}.`,
      ])
    })
