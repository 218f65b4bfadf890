import { type Command, InvalidArgumentError } from 'commander'
import { command, contextOf, fileArgument, show } from '../commandLine.ts'
import { refreshModels } from '../refreshModels.ts'

function toleranceArgument(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value
  throw new InvalidArgumentError('A tolerance is a number from 0 up, e.g. 0.001.')
}

interface Options {
  name: string
  replace?: boolean
  rtol?: number
  atol?: number
  licence?: string
}

/** `opentab models import FILE --name N` */
export const modelsImport = (): Command =>
  command('import', 'check an ONNX file and serve it (operator)')
    .argument('<file>', 'ONNX file')
    .requiredOption('--name <name>', 'name that requesters use')
    .option('--replace', 'replace a model of that name')
    .option('--rtol <number>', 'relative tolerance of checks (default 1e-3)', toleranceArgument)
    .option('--atol <number>', 'absolute tolerance of checks (default 1e-4)', toleranceArgument)
    .option('--licence <spdx>', 'SPDX identifier of its licence')
    .action(async (file: string, options: Options, self: Command) => {
      const context = contextOf(self)
      const { importOnnx } = await import('../../models/importOnnx.ts')
      const { DEFAULT_TOLERANCE } = await import('../../models/catalogue.ts')
      const { rtol = DEFAULT_TOLERANCE.rtol, atol = DEFAULT_TOLERANCE.atol, ...rest } = options
      const model = await importOnnx(fileArgument(file), {
        dataFolder: context.dataFolder,
        name: rest.name,
        tolerance: { rtol, atol },
        replace: rest.replace,
        licence: rest.licence,
      })
      const served = await refreshModels(context, rest.name)
      const [graph] = model.manifest.graphs
      show(context, { id: rest.name, hash: model.hash, manifest: model.manifest, served: served.served }, [
        `${rest.name} is imported, SHA-256 of its manifest ${model.hash}. ${served.text}`,
        ...(graph?.inputs ?? []).map(
          (spec) => `input   ${spec.name} ${spec.datatype} [${spec.shape.join(', ')}]`,
        ),
        ...(graph?.outputs ?? []).map(
          (spec) => `output  ${spec.name} ${spec.datatype} [${spec.shape.join(', ')}]`,
        ),
      ])
    })
