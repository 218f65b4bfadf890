import { resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { type Config, projectRoot, readConfig } from '../server/config.ts'
import { printable, printableJson } from './printable.ts'
import type { Place } from './relayClient.ts'

/** What every command gets beside its arguments. */
export interface Context extends Place {
  config: Config
  /** Whether one JSON document is wanted on stdout. */
  json: boolean
}

/** A command with the options that all have: `--json`, `--relay`, `--data`. */
export function command(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--json', 'one JSON document on stdout')
    .option('--relay <url>', 'relay to talk to (OPENTAB_RELAY)')
    .option('--data <folder>', 'data folder (OPENTAB_DATA)')
}

/** The context that a command's options and the environment give. @throws OpentabError `bad_configuration` */
export function contextOf(command: Command): Context {
  const options = command.optsWithGlobals<{ json?: boolean; relay?: string; data?: string }>()
  const flags = [
    ...(options.relay === undefined ? [] : [`--relay=${options.relay}`]),
    ...(options.data === undefined ? [] : [`--data=${fileArgument(options.data)}`]),
  ]
  const config = readConfig(process.env, flags)
  return {
    config,
    json: options.json === true,
    relayUrl: config.RELAY,
    dataFolder: resolve(projectRoot, config.DATA),
    adminToken: config.ADMIN_TOKEN,
  }
}

/** A FILE argument as an absolute path: it is relative to where it was typed. */
export const fileArgument = (file: string): string => resolve(process.env.INIT_CWD ?? process.cwd(), file)

/** Shows a result: the document with `--json`, else the lines. */
export function show({ json }: { json: boolean }, document: unknown, lines: readonly string[]): void {
  const text = json ? printableJson(document) : printable(lines.join('\n'))
  if (json || lines.length > 0) process.stdout.write(`${text}\n`)
}

/** An ADDRESS argument: the form only; the relay checks the checksum. */
export function addressArgument(text: string): string {
  if (/^0x[0-9a-fA-F]{40}$/.test(text)) return text
  throw new InvalidArgumentError('A wallet address is 0x and 40 hex digits.')
}

/** An amount of micro-credits, a decimal integer. */
export function microCreditsArgument(text: string): string {
  if (/^\d{1,15}$/.test(text)) return text
  throw new InvalidArgumentError('Micro-credits are an integer of at most 15 digits.')
}

/** Micro-credits as credits for people: `0.001234 credits`. */
export const credits = (microCredits: string): string => {
  const sign = microCredits.startsWith('-') ? '-' : ''
  const digits = microCredits.replace('-', '').padStart(7, '0')
  return `${sign}${digits.slice(0, -6)}.${digits.slice(-6)} credits`
}

/** A time in seconds. */
export function secondsArgument(text: string): number {
  const seconds = Number(text)
  if (text.trim() !== '' && Number.isFinite(seconds) && seconds > 0) return seconds
  throw new InvalidArgumentError('Give a number of seconds over 0.')
}

/** A share of the full amount of work. */
export function scaleArgument(text: string): number {
  const scale = Number(text)
  if (scale > 0 && scale <= 1) return scale
  throw new InvalidArgumentError('Give a number over 0 and at most 1.')
}

/** A number of rounds. */
export function roundsArgument(text: string): number {
  const rounds = Number(text)
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= 1000) return rounds
  throw new InvalidArgumentError('Give an integer from 1 to 1000.')
}
