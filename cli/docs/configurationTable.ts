import { flagOf, type SettingName, settings, variableOf } from '../../server/config.ts'

/** The configuration table of `docs/operating.md`. */
export function configurationTable(): string {
  const rows = (Object.keys(settings) as SettingName[]).map((name) => {
    const { default: value, meaning } = settings[name]
    return `| \`${variableOf(name)}\` | \`${flagOf(name)}\` | ${value === '' ? 'not set' : `\`${value}\``} | ${meaning} |`
  })
  return `| variable | flag | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

const START = '<!-- configuration: written by npm run docs from server/config.ts -->\n'
const END = '<!-- end of configuration -->'

/** The text with a fresh table between the two marks. @throws Error when a mark is missing */
export function withConfigurationTable(text: string): string {
  const from = text.indexOf(START)
  const to = text.indexOf(END)
  if (from < 0 || to < from) throw new Error(`The text lacks ${START.trim()} or ${END}.`)
  return `${text.slice(0, from)}${START}\n${configurationTable()}\n${text.slice(to)}`
}
