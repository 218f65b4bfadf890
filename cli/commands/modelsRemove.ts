import type { Command } from 'commander'
import { CommandError } from '../commandError.ts'
import { command, contextOf, show } from '../commandLine.ts'
import { refreshModels } from '../refreshModels.ts'

/** `opentab models remove NAME` */
export const modelsRemove = (): Command =>
  command('remove', 'stop serving a model and delete its files (operator)')
    .argument('<name>', 'model name')
    .action(async (name: string, _options, self: Command) => {
      const context = contextOf(self)
      const { removeModel } = await import('../../models/fileRegistry.ts')
      if (!(await removeModel(context.dataFolder, name))) {
        throw new CommandError(`There is no model ${name} in ${context.dataFolder}.`)
      }
      const { text } = await refreshModels(context)
      show(context, { id: name, removed: true }, [`${name} is removed. ${text}`])
    })
