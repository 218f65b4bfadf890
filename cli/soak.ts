import { Command, CommanderError } from 'commander'
import { scaleArgument } from './commandLine.ts'
import { loadProgram, soakNames } from './programs.ts'

/** @returns the exit code */
async function main(): Promise<number> {
  const program = new Command('npm run soak --')
    .description('One of the long runs. npm test runs each at a fiftieth.')
    .argument('<name>', `one of ${soakNames().join(', ')}`)
    .option('--scale <share>', 'share of the full length', scaleArgument)
    .exitOverride()
  program.parse()
  const [name = ''] = program.args
  if (!soakNames().includes(name)) {
    process.stderr.write(`There is no long run ${name}. Long runs are ${soakNames().join(', ')}.\n`)
    return 2
  }
  const run = await loadProgram(`bench/soak/${name}.soak.ts`)
  const startedAt = performance.now()
  const result = await run({ scale: program.opts<{ scale?: number }>().scale })
  if (result !== undefined) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
  process.stdout.write(`${name} held, in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.\n`)
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
