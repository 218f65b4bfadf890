import type { Command } from 'commander'
import { OpentabError } from '../../protocol/errors.ts'
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
      await dropRemovedFiles(context.dataFolder)
      const { text } = await refreshModels(context)
      show(context, { id: name, removed: true }, [`${name} is removed. ${text}`])
    })

/** A relay that runs deletes the files itself, when it needs them for no check any more. */
async function dropRemovedFiles(dataFolder: string): Promise<void> {
  const { lockData } = await import('../../server/ops/dataLock.ts')
  const { dropRemovedBlobs } = await import('../../models/removedBlobs.ts')
  let unlock: () => void
  try {
    unlock = lockData(dataFolder)
  } catch (error) {
    if (error instanceof OpentabError && error.code === 'data_in_use') return
    throw error
  }
  await dropRemovedBlobs(dataFolder).finally(unlock)
}
