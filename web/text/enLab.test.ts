import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { kernelRules } from '../../protocol/kernel/kernelProgram.ts'
import { enLab } from './enLab.ts'
import { parseMessage } from './formatMessage.ts'
import { sayLab } from './sayLab.ts'

const source = readFileSync(new URL('./enLab.ts', import.meta.url), 'utf8').split('\n')

it('has a note for translators over every text of the lab', () => {
  const bare = Object.keys(enLab).filter((key) => {
    const line = source.findIndex((text) => text.startsWith(`  '${key}':`))
    return line < 1 || !/^ {2}\/\*\* .+ \*\/$/.test(source[line - 1]!)
  })
  expect(bare).toEqual([])
})

it('has a sentence of its own for every rule of the gate', () => {
  const rules = Object.keys(kernelRules)
  expect(new Set(rules.map((rule) => sayLab('gate.rule', { rule }))).size).toBe(rules.length)
})

it('has only texts that parse, without exclamation marks and double spaces', () => {
  for (const text of Object.values(enLab)) {
    expect(() => parseMessage(text)).not.toThrow()
    expect(text).not.toMatch(/!$|! [A-Z]| {2}/)
  }
})
