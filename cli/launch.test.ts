import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { projectRoot } from './setup/places.mjs'

const launch = (...args: string[]) =>
  spawnSync(process.execPath, [join(projectRoot, 'cli/launch.mjs'), ...args], { encoding: 'utf8' })

it('answers that the simulators come later, before any set-up', () => {
  const { status, stdout, stderr } = launch('sim', 'cheat')
  expect([status, stdout]).toEqual([2, ''])
  expect(stderr).toContain('later version')
})

it.each([[['nonsense']], [[]], [['__proto__']]])(
  '%j is no command: exit code 2 and the list of commands',
  (args) => {
    const { status, stderr } = launch(...args)
    expect(status).toBe(2)
    expect(stderr).toContain('start, demo, test')
  },
)

it('every script of package.json that needs the shell’s process replaces it, so that signals reach the command', () => {
  const { scripts } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const launched = Object.values(scripts).filter((script) => script.includes('launch.mjs'))
  expect(launched.length).toBeGreaterThan(7)
  expect(launched.filter((script) => !script.startsWith('exec node '))).toEqual([])
})
