import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const text = readFileSync(new URL('../SAMPLING.md', import.meta.url), 'utf8')
const folder = fileURLToPath(new URL('.', import.meta.url))
const rules = [...text.matchAll(/^- \*\*(S[A-Z]\d+)\*\* /gm)].map(([, id]) => id!)

function idsInTests(): Set<string> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.test.ts'))
  const names = files.flatMap((file) => [
    ...readFileSync(`${folder}/${file}`, 'utf8').matchAll(/'((?:\[S[A-Z]\d+\] )+)\S/g),
  ])
  return new Set(names.flatMap(([, ids]) => [...ids!.matchAll(/\[(\w+)\]/g)].map(([, id]) => id!)))
}

describe('the specification of the sampler', () => {
  it('numbers every rule once', () => {
    expect(rules.length).toBeGreaterThan(25)
    expect(rules).toEqual([...new Set(rules)])
  })

  it('has a test for every rule, and a rule for every test that names one', () => {
    expect([...idsInTests()].sort()).toEqual([...rules].sort())
  })
})
