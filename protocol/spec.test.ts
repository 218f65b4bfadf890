import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { closeCodes } from './closeCodes.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const text = readFileSync(`${root}/protocol/SPEC.md`, 'utf8')
const folders = ['protocol', 'worker', 'server', 'web', 'engine', 'bench', 'e2e']

const ruleIds = [...text.matchAll(/^- \*\*([A-Z]\d+)\*\* /gm)].map((match) => match[1]!)

function testFiles(folder: string): string[] {
  return readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.test\.tsx?$/.test(file) && !file.includes('node_modules'))
    .map((file) => `${root}/${folder}/${file}`)
}

/** Ids in square brackets where a test's name begins, in its call or in a table of names: `it('[L3] [R1] ...')`. */
function idsInTests(): Map<string, string> {
  const found = new Map<string, string>()
  for (const file of folders.flatMap(testFiles)) {
    for (const [, ids] of readFileSync(file, 'utf8').matchAll(/['"`]((?:\[[A-Z]\d+\] )+)\S/g))
      for (const [, id] of ids!.matchAll(/\[([A-Z]\d+)\]/g)) found.set(id!, file)
  }
  return found
}

describe('the specification', () => {
  it('numbers every rule once', () => {
    expect(ruleIds.length).toBeGreaterThan(50)
    expect(ruleIds).toEqual([...new Set(ruleIds)])
  })

  it('has a test for every rule', () => {
    const tested = idsInTests()
    expect(ruleIds.filter((id) => !tested.has(id))).toEqual([])
  })

  it('has every rule that a test names', () => {
    expect([...idsInTests()].filter(([id]) => !ruleIds.includes(id))).toEqual([])
  })

  it('[C2] lists the close codes as the code has them', () => {
    const words = { reconnect: 'reconnects', reload: 'reloads', stop: 'stops' }
    const rows = Object.values(closeCodes).map(
      ({ code, error, after }) => `| ${code} | \`${error}\` | ${words[after]} |`,
    )
    const shown = [...text.matchAll(/^\| \d{4} \| `\w+` \| \w+ \|$/gm)].map(([row]) => row)
    expect(shown).toEqual(rows)
  })
})
