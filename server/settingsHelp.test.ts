import { expect, it } from 'vitest'
import { settings } from './config.ts'
import { settingsHelp } from './settingsHelp.ts'

it('names every setting with its meaning, its variable and its default, within the terminal', () => {
  const help = settingsHelp(80)
  const words = help.replaceAll(/\s+/g, ' ')
  for (const [name, { meaning, default: value }] of Object.entries(settings)) {
    expect(words).toContain(
      `--${name.toLowerCase().replaceAll('_', '-')} <value> ${meaning} (OPENTAB_${name}`,
    )
    if (value !== '') expect(words).toContain(`(OPENTAB_${name}, default: ${value})`)
  }
  const table = help.slice(help.indexOf('Settings:'))
  expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
})
