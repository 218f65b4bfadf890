import type { Command } from 'commander'
import { command, contextOf, show } from '../commandLine.ts'
import { refreshModels } from '../refreshModels.ts'

const MEGABYTE = 1e6

/** `opentab models pull NAME` */
export const modelsPull = (): Command =>
  command('pull', 'get a model of the catalogue (operator)')
    .argument('<name>', 'name in the catalogue, e.g. pp-ocrv4')
    .action(async (name: string, _options, self: Command) => {
      const context = contextOf(self)
      const { pullModel } = await import('../../models/pull.ts')
      let said = ''
      const model = await pullModel(name, {
        dataFolder: context.dataFolder,
        onProgress({ bytesDone, bytesTotal, source }) {
          const line = `${Math.floor((bytesDone / bytesTotal) * 10) * 10} % of ${(bytesTotal / MEGABYTE).toFixed(1)} MB, from ${source}`
          if (line !== said) process.stderr.write(`${line}\n`)
          said = line
        },
      })
      const served = await refreshModels(context, name)
      show(context, { id: name, hash: model.hash, served: served.served }, [
        `${name} is here. ${served.text}`,
      ])
    })
