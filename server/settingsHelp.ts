import { Help } from 'commander'
import { flagOf, type SettingName, settings, variableOf } from './config.ts'

/** What `npm start -- --help` prints: every setting with its meaning, its variable and its default. */
export function settingsHelp(columns = process.stdout.columns ?? 80): string {
  const help = Object.assign(new Help(), { helpWidth: columns })
  const names = Object.keys(settings) as SettingName[]
  const flags = names.map((name) => `${flagOf(name)} <value>`)
  const width = Math.max(...flags.map((flag) => flag.length))
  const lines = names.map((name, index) => {
    const { default: value, meaning } = settings[name]
    const source = value === '' ? variableOf(name) : `${variableOf(name)}, default: ${value}`
    return help.formatItem(flags[index]!, width, `${meaning} (${source})`, help)
  })
  return `Usage: npm start -- [settings]

The relay with its pages. Ctrl-C or SIGTERM drains it. Every setting is a flag or a variable; none is required.

Settings:
${lines.join('\n')}
`
}
