import { writeFileSync } from 'node:fs'
import { Command, CommanderError, Option } from 'commander'
import { z } from 'zod'
import { fileArgument, roundsArgument, scaleArgument } from './commandLine.ts'
import { benchNames, loadProgram } from './programs.ts'

const report = z.object({
  name: z.string(),
  load: z.unknown(),
  rows: z.array(z.record(z.string(), z.unknown())),
  ratios: z.record(z.string(), z.number()),
})

/** @returns the exit code */
async function main(): Promise<number> {
  const program = new Command('npm run bench --')
    .description('One benchmark beside its peer in the same run.')
    .argument('<name>', `one of ${benchNames().join(', ')}`)
    .option('--json <file>', 'write the result as JSON')
    .option('--rounds <n>', 'rounds in which the sides take turns', roundsArgument)
    .option('--scale <share>', 'share of the work in each turn: to try it out', scaleArgument)
    .addOption(
      new Option('--adapter <kind>', 'what WebGPU runs on, for kernels')
        .choices(['any', 'software', 'hardware'])
        .default('any'),
    )
    .exitOverride()
  program.parse()
  const [name = ''] = program.args
  const options = program.opts<{ json?: string; rounds?: number; scale?: number; adapter: string }>()
  if (!benchNames().includes(name)) {
    process.stderr.write(`There is no benchmark ${name}. Benchmarks are ${benchNames().join(', ')}.\n`)
    return 2
  }
  const run = await loadProgram(`bench/${name}.bench.ts`)
  const result = report.parse(
    await run({ rounds: options.rounds, scale: options.scale, adapter: options.adapter }),
  )
  console.table(result.rows)
  for (const [ratio, value] of Object.entries(result.ratios)) process.stdout.write(`${ratio}: ${value}\n`)
  process.stdout.write(`load: ${JSON.stringify(result.load)}\n`)
  if (options.json !== undefined) {
    writeFileSync(fileArgument(options.json), `${JSON.stringify(result, null, 2)}\n`)
  }
  return 0
}

try {
  process.exitCode = await main()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    process.exitCode = 1
  }
}
