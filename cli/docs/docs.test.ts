import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { projectRoot } from '../../server/config.ts'
import { createCommandLine } from '../opentab.ts'
import { benchNames, soakNames } from '../programs.ts'
import { configurationTable, withConfigurationTable } from './configurationTable.ts'
import { errorDocs } from './errorDocs.ts'
import { stateMachineDocs } from './stateMachineDocs.ts'

const read = (file: string): string => readFileSync(join(projectRoot, file), 'utf8')
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...globSync('docs/**/*.md', { cwd: projectRoot }),
]
const found = (pattern: RegExp): { page: string; name: string }[] =>
  pages.flatMap((page) => [...read(page).matchAll(pattern)].map((match) => ({ page, name: match[1]! })))

it('docs/errors.md says what protocol/errors.ts says (npm run docs)', () => {
  expect(read('docs/errors.md')).toBe(errorDocs())
})

it('docs/state-machine.md says what protocol/job.ts says (npm run docs)', () => {
  expect(read('docs/state-machine.md')).toBe(stateMachineDocs())
})

it('docs/operating.md shows the configuration table of server/config.ts (npm run docs)', () => {
  const text = read('docs/operating.md')
  expect(text).toContain(configurationTable())
  expect(withConfigurationTable(text)).toBe(text)
})

it('a page without the marks is refused instead of being left without its table', () => {
  expect(() => withConfigurationTable('# Operating')).toThrow('lacks')
})

it('every npm script that the pages name exists', () => {
  const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts)
  const named = found(/npm run ([a-z][a-z0-9:-]*)/g)
  expect(named.length).toBeGreaterThan(5)
  expect(named.filter(({ name }) => !scripts.includes(name))).toEqual([])
})

it('every opentab command that the pages name exists', () => {
  const commands = createCommandLine().commands.map((command) => command.name())
  const named = found(/(?:npm run opentab -- |`opentab )([a-z]+)/g)
  expect(named.length).toBeGreaterThan(5)
  expect(named.filter(({ name }) => !commands.includes(name))).toEqual([])
})

it('every benchmark and long run that the pages name exists', () => {
  const bench = found(/npm run bench -- ([a-z-]+)/g)
  const soak = found(/npm run soak -- ([a-z-]+)/g)
  expect(bench.filter(({ name }) => !benchNames().includes(name))).toEqual([])
  expect(soak.filter(({ name }) => !soakNames().includes(name))).toEqual([])
})

it('every link between the pages leads somewhere', () => {
  const links = found(/\]\((?!https?:|#|mailto:)([^)#]+)[^)]*\)/g)
  const broken = links.filter(
    ({ page, name }) => globSync(join(page, '..', name), { cwd: projectRoot }).length === 0,
  )
  expect(broken).toEqual([])
})
