import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { OpentabError } from '../protocol/errors.ts'

/** One setting: an environment variable `OPENTAB_NAME` and a flag `--name`. */
interface Setting<T> {
  /** Text of the default, parsed like any other value. */
  default: string
  parse: (text: string) => T
  meaning: string
}

const text = (value: string): string => value
const optional = (value: string): string | null => (value === '' ? null : value)
const flag = (value: string): boolean => {
  if (['1', 'true', 'yes'].includes(value)) return true
  if (['', '0', 'false', 'no'].includes(value)) return false
  throw new Error('give 1 or 0')
}
const integer =
  (least: number, most: number) =>
  (value: string): number => {
    const number = Number(value)
    if (!/^\d+$/.test(value) || number < least || number > most)
      throw new Error(`give an integer from ${least} to ${most}`)
    return number
  }
const url = (value: string): string | null => {
  if (value === '') return null
  const parsed = new URL(value)
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')
    throw new Error('give an http or https URL')
  return value.replace(/\/+$/, '')
}
const autoFlag = (value: string): 'auto' | boolean =>
  value === 'auto' || value === '' ? 'auto' : flag(value)
const DEFAULT_RELAY = 'http://127.0.0.1:8787'

const setting = <T>(fallback: string, parse: (text: string) => T, meaning: string): Setting<T> => ({
  default: fallback,
  parse,
  meaning,
})

/** The configuration table: nothing is required. `docs/operating.md` shows it, and a test keeps the two equal. */
export const settings = {
  HOST: setting('127.0.0.1', text, 'Address to listen on.'),
  PORT: setting('8787', integer(0, 65535), 'Port to listen on; 0 takes any free one.'),
  DATA: setting('./data', text, 'Folder for everything the relay keeps, from the project’s root.'),
  PUBLIC_URL: setting('', url, 'URL under which others reach the relay, behind a TLS proxy.'),
  ADMIN_TOKEN: setting(
    '',
    optional,
    'Token for /admin; made on the first start in DATA/admin-token when unset.',
  ),
  REQUIRE_KEY: setting(
    'auto',
    autoFlag,
    'Whether requesters need a key; auto: as soon as host or public URL is not a loopback one.',
  ),
  QUEUE_WAIT_MS: setting('30000', integer(0, 86_400_000), 'How long a call waits for a tab, ms.'),
  MAX_BODY_BYTES: setting(
    String(64 * 1024 * 1024),
    integer(1024, 1024 * 1024 * 1024),
    'Largest request body, bytes.',
  ),
  RETENTION_DAYS: setting(
    '7',
    integer(0, 3650),
    'Days after which inputs and outputs of ended jobs are deleted.',
  ),
  TRUST_PROXY: setting(
    '0',
    flag,
    'Whether to believe x-forwarded-for and -proto, behind a proxy of your own.',
  ),
  RPC_URL: setting('', url, 'Ethereum RPC for ENS names and contract wallets; none is asked when unset.'),
  CHROMIUM: setting('', optional, 'Chromium or Chrome to run tabs in.'),
  RELAY: setting(
    DEFAULT_RELAY,
    url,
    'Relay that the command line talks to; when unset the one that HOST and PORT name on this machine.',
  ),
  TEST: setting('0', flag, 'Allows ?start=1 and the fault switches of the tests.'),
  TEST_HOP_MS: setting(
    '0',
    integer(0, 10_000),
    'Delay before each hop between the stages of a language model, ms; only with TEST.',
  ),
} as const satisfies Record<string, Setting<unknown>>

export type SettingName = keyof typeof settings
type Values = { [Name in SettingName]: ReturnType<(typeof settings)[Name]['parse']> }
export type Config = Omit<Values, 'RELAY'> & {
  /** URL without a slash at its end. */
  RELAY: string
}

const names = Object.keys(settings) as SettingName[]
const PREFIX = 'OPENTAB_'

/** The project's root: relative paths of settings start here. */
export const projectRoot = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

export const version: string = (
  JSON.parse(readFileSync(`${projectRoot}/package.json`, 'utf8')) as { version: string }
).version

/**
 * Reads flags (`--port 0`, `--port=0`) and `OPENTAB_*` variables; a flag wins.
 * @throws OpentabError `bad_configuration` naming the setting, and the nearest known name for an unknown one
 */
export function readConfig(env: Record<string, string | undefined>, argv: readonly string[] = []): Config {
  const given = new Map<SettingName, { value: string; from: string }>()
  for (const [key, value] of Object.entries(env)) {
    if (!key.startsWith(PREFIX) || value === undefined) continue
    given.set(known(key.slice(PREFIX.length), key, PREFIX), { value, from: key })
  }
  for (let i = 0; i < argv.length; i++) {
    const match = /^--([a-z][a-z-]*)(?:=(.*))?$/s.exec(argv[i]!)
    if (!match)
      throw new OpentabError('bad_configuration', `${argv[i]} is not a setting.`, {
        fix: `Settings are ${listOf('--')}.`,
      })
    const from = `--${match[1]}`
    const name = known(match[1]!.toUpperCase().replaceAll('-', '_'), from, '--')
    const value = match[2] ?? argv[++i]
    if (value === undefined)
      throw new OpentabError('bad_configuration', `${from} has no value.`, { param: from })
    given.set(name, { value, from })
  }
  const config: Partial<Record<SettingName, unknown>> = {}
  for (const name of names) {
    const { value, from } = given.get(name) ?? { value: settings[name].default, from: name }
    try {
      config[name] = settings[name].parse(value.trim())
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new OpentabError(
        'bad_configuration',
        `${from} is ${JSON.stringify(value)}, which cannot be used.`,
        {
          param: from,
          fix: `${settings[name].meaning} Here: ${why}.`,
        },
      )
    }
  }
  const read = config as Values
  return { ...read, RELAY: (given.has('RELAY') ? read.RELAY : null) ?? relayHere(read) }
}

/** Where a relay of this configuration answers on its own machine. */
function relayHere({ HOST, PORT }: Values): string {
  // A port that is chosen anew at each start cannot be known.
  if (PORT === 0) return DEFAULT_RELAY
  if (HOST === '0.0.0.0') return `http://127.0.0.1:${PORT}`
  if (HOST === '::') return `http://[::1]:${PORT}`
  return `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${PORT}`
}

/** `--queue-wait-ms` */
export const flagOf = (name: SettingName): string => `--${name.toLowerCase().replaceAll('_', '-')}`
/** `OPENTAB_QUEUE_WAIT_MS` */
export const variableOf = (name: SettingName): string => `${PREFIX}${name}`

const shown = (name: SettingName, prefix: string): string =>
  prefix === '--' ? flagOf(name) : variableOf(name)
const listOf = (prefix: string): string => names.map((name) => shown(name, prefix)).join(', ')

function known(name: string, asWritten: string, prefix: string): SettingName {
  const found = names.find((other) => other === name)
  if (found) return found
  const nearest = names.toSorted((a, b) => distance(a, name) - distance(b, name))[0]!
  throw new OpentabError('bad_configuration', `There is no setting ${asWritten}.`, {
    param: asWritten,
    fix: `Did you mean ${shown(nearest, prefix)}? Settings are ${listOf(prefix)}.`,
  })
}

/** Levenshtein's edit distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}

const loopbackHost = /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/

/** Whether a host name or address is this machine's own. */
export const isLoopback = (host: string): boolean => loopbackHost.test(host)

/** Whether requesters need a key. */
export function keyRequired(config: Config): boolean {
  if (config.REQUIRE_KEY !== 'auto') return config.REQUIRE_KEY
  const publicHost = config.PUBLIC_URL ? new URL(config.PUBLIC_URL).hostname : 'localhost'
  return !isLoopback(config.HOST) || !isLoopback(publicHost)
}
