import { Command, CommanderError } from 'commander'
import { OpentabError } from '../protocol/errors.ts'
import { version } from '../server/config.ts'
import { CommandError, type ExitCode } from './commandError.ts'
import { account } from './commands/account.ts'
import { accounts } from './commands/accounts.ts'
import { backup } from './commands/backup.ts'
import { chat } from './commands/chat.ts'
import { embed } from './commands/embed.ts'
import { keys } from './commands/keys.ts'
import { laterCommands } from './commands/laterCommands.ts'
import { models } from './commands/models.ts'
import { ocr } from './commands/ocr.ts'
import { receipt } from './commands/receipt.ts'
import { restore } from './commands/restore.ts'
import { status } from './commands/status.ts'
import { kernel } from './kernel/kernel.ts'
import { lab } from './lab/lab.ts'
import { printable, printableJson } from './printable.ts'

const all = [models, ocr, embed, chat, kernel, lab, account, accounts, receipt, keys, backup, restore, status]

/** The command line, without running it. */
export function createCommandLine(): Command {
  const program = new Command('opentab')
    .description(
      'What an operator or a requester types. Talks to OPENTAB_RELAY, else to the relay of OPENTAB_PORT here.',
    )
    .version(version)
  for (const make of all) program.addCommand(make())
  for (const command of laterCommands()) program.addCommand(command)
  throwInsteadOfExit(program)
  return program
}

/** commander ends the process by default; here its errors are thrown, so that one place chooses the exit code. */
function throwInsteadOfExit(command: Command): void {
  command.exitOverride()
  for (const each of command.commands) throwInsteadOfExit(each)
}

/** Runs the command line. @returns the exit code: 0 done, 1 failed, 2 wrong usage, 130 ended by Ctrl+C */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  try {
    await createCommandLine().parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    // Commander has written its message; help and version are no failure.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    const [message, code, document] = explain(error)
    if (args.includes('--json') && document !== undefined)
      process.stdout.write(`${printableJson(document)}\n`)
    process.stderr.write(`${printable(message)}\n`)
    return code
  }
}

/** Message for people, exit code, and the document that `--json` prints. */
function explain(error: unknown): [string, ExitCode, unknown] {
  if (error instanceof CommandError) return [error.message, error.exitCode, error.document]
  if (error instanceof OpentabError) {
    const { message, fix, code, param, entry } = error
    const document = { error: { message, type: entry.type, param, code } }
    return [`${message} ${fix}`.trim(), code === 'bad_configuration' ? 2 : 1, document]
  }
  const { code, path } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return [`There is no file ${path}.`, 1, undefined]
  return [error instanceof Error ? error.message : String(error), 1, undefined]
}

if (import.meta.main) process.exitCode = await runCommandLine(process.argv.slice(2))
