import { type Command, InvalidArgumentError, Option } from 'commander'
import type { LanguageModel } from '../../protocol/language.ts'
import type { Manifest } from '../../protocol/manifest.ts'
import { command, contextOf, fileArgument, show } from '../commandLine.ts'
import { progressBar } from '../progressBar.ts'
import { refreshModels } from '../refreshModels.ts'

const MEGABYTE = 1e6

function toleranceArgument(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value
  throw new InvalidArgumentError('A tolerance is a number from 0 up, e.g. 0.001.')
}

function countArgument(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1) return value
  throw new InvalidArgumentError('Give an integer from 1 up.')
}

interface Options {
  name: string
  replace?: boolean
  rtol?: number
  atol?: number
  licence?: string
  shards?: number
  shardMb?: number
  quantize?: '4' | '8' | 'none'
  context?: number
}

/** `opentab models import PATH --name N` */
export const modelsImport = (): Command =>
  command('import', 'check a model and serve it (operator)')
    .argument(
      '<path>',
      'GGUF file, Hugging Face folder with safetensors, or ONNX file: a graph, or an export of a language model',
    )
    .requiredOption('--name <name>', 'name that requesters use')
    .option('--replace', 'replace a model of that name')
    .option('--rtol <number>', 'ONNX: relative tolerance of checks (default 1e-3)', toleranceArgument)
    .option('--atol <number>', 'ONNX: absolute tolerance of checks (default 1e-4)', toleranceArgument)
    .option('--licence <spdx>', 'SPDX identifier of its licence')
    .addOption(
      new Option('--shards <number>', 'parts to cut it into (language models: 3 or more by default; ONNX: 1)')
        .argParser(countArgument)
        .conflicts('shardMb'),
    )
    .option('--shard-mb <number>', 'language models: largest stage, MB', countArgument)
    .addOption(
      new Option('--quantize <bits>', 'language models: bits of the weights (default: as they are)').choices([
        '4',
        '8',
        'none',
      ]),
    )
    .option(
      '--context <tokens>',
      'language models: longest prompt and answer (default: at most 8192)',
      countArgument,
    )
    .action(async (path: string, options: Options, self: Command) => {
      const context = contextOf(self)
      const { importModel } = await import('../../models/importModel.ts')
      const { DEFAULT_TOLERANCE } = await import('../../models/catalogue.ts')
      const { rtol, atol, shardMb, quantize = 'none' } = options
      const bar = progressBar()
      const model = await importModel(fileArgument(path), {
        dataFolder: context.dataFolder,
        name: options.name,
        replace: options.replace,
        licence: options.licence,
        ...((rtol !== undefined || atol !== undefined) && {
          tolerance: { rtol: rtol ?? DEFAULT_TOLERANCE.rtol, atol: atol ?? DEFAULT_TOLERANCE.atol },
        }),
        stages: options.shards,
        stageBytes: shardMb === undefined ? undefined : shardMb * MEGABYTE,
        quantise: quantize === 'none' ? undefined : quantize === '4' ? 4 : 8,
        contextTokens: options.context,
        onProgress: ({ bytesDone, bytesTotal, step }) =>
          bar.show(bytesDone, bytesTotal, step === 'cutting' ? 'being cut into stages' : 'being measured'),
      }).finally(bar.end)
      const served = await refreshModels(context, options.name)
      show(context, { id: options.name, hash: model.hash, manifest: model.manifest, served: served.served }, [
        `${options.name} is imported, SHA-256 of its manifest ${model.hash}. ${served.text}`,
        ...(model.manifest.language ? languageLines(model.manifest.language) : graphLines(model.manifest)),
      ])
    })

const graphLines = ({ graphs: [graph] }: Manifest): string[] => [
  ...(graph?.inputs ?? []).map((spec) => `input   ${spec.name} ${spec.datatype} [${spec.shape.join(', ')}]`),
  ...(graph?.outputs ?? []).map((spec) => `output  ${spec.name} ${spec.datatype} [${spec.shape.join(', ')}]`),
]

function languageLines({ family, layers, stages, contextTokens, measured }: LanguageModel): string[] {
  const megabytes = (bytes: number): string => `${(bytes / MEGABYTE).toFixed(1)} MB`
  return [
    `${family}, ${layers} layers, context of ${contextTokens} tokens`,
    ...stages.map(
      ({ layers: [begin, end], weights, expandedBytes }, stage) =>
        `stage ${stage}  layers ${begin} to ${end - 1}, ${megabytes(weights.bytes)}, ${megabytes(expandedBytes)} in a tab's memory`,
    ),
    ...(measured
      ? [
          `measured on ${measured.tokens} tokens: perplexity ${measured.perplexityBefore} before, ${measured.perplexityAfter} after; ` +
            `same likeliest token at ${(100 * measured.topOneAgreement).toFixed(1)} % of them`,
        ]
      : ['the weights are those of the source, without loss']),
  ]
}
