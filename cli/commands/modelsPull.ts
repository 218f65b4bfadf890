import type { Command } from 'commander'
import { command, contextOf, show } from '../commandLine.ts'
import { progressBar } from '../progressBar.ts'
import { refreshModels } from '../refreshModels.ts'

/** `opentab models pull NAME` */
export const modelsPull = (): Command =>
  command('pull', 'get a model of the catalogue (operator)')
    .argument('<name>', 'name in the catalogue, e.g. pp-ocrv4')
    .action(async (name: string, _options, self: Command) => {
      const context = contextOf(self)
      const { pullModel } = await import('../../models/pull.ts')
      const bar = progressBar()
      const model = await pullModel(name, {
        dataFolder: context.dataFolder,
        onProgress: ({ bytesDone, bytesTotal, source }) => bar.show(bytesDone, bytesTotal, source),
      }).finally(bar.end)
      const served = await refreshModels(context, name)
      show(context, { id: name, hash: model.hash, served: served.served }, [
        `${name} is here. ${served.text}`,
      ])
    })
