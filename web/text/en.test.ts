import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { verdicts } from '../../protocol/receipt.ts'
import { en } from './en.ts'
import { enAccount } from './enAccount.ts'
import { enChat } from './enChat.ts'
import { enContribute } from './enContribute.ts'
import { enFrame } from './enFrame.ts'
import { enNetwork } from './enNetwork.ts'
import { enPanel } from './enPanel.ts'
import { enWork } from './enWork.ts'
import { parseMessage } from './formatMessage.ts'
import { chooseLocale, isTextKey } from './say.ts'

const catalogues = { enAccount, enChat, enContribute, enFrame, enNetwork, enPanel, enWork }

it.each(Object.entries(catalogues))('has a note for translators over every text of %s', (name, catalogue) => {
  const source = readFileSync(new URL(`./${name}.ts`, import.meta.url), 'utf8').split('\n')
  const bare = Object.keys(catalogue).filter((key) => {
    const line = source.findIndex((text) => text.startsWith(`  '${key}':`))
    return line < 1 || !/^ {2}\/\*\* .+ \*\/$/.test(source[line - 1]!)
  })
  expect(bare).toEqual([])
})

it('has every text once', () => {
  const keys = Object.values(catalogues).flatMap((catalogue) => Object.keys(catalogue))
  expect(keys.toSorted()).toEqual(Object.keys(en).toSorted())
})

it('has only texts that parse, without exclamation marks and double spaces', () => {
  for (const text of Object.values(en)) {
    expect(() => parseMessage(text)).not.toThrow()
    expect(text).not.toMatch(/!$|! [A-Z]| {2}/)
  }
})

it('names and explains every verdict of the protocol', () => {
  for (const verdict of verdicts) {
    expect(isTextKey(`verdict.${verdict}`), verdict).toBe(true)
    expect(isTextKey(`verdict.${verdict}.why`), verdict).toBe(true)
  }
})

it('takes the first language it has and keeps the reader’s variant of it', () => {
  expect(chooseLocale(['fr-FR', 'en-GB', 'en'])).toEqual({ language: 'en', locale: 'en-GB' })
  expect(chooseLocale(['fr'])).toEqual({ language: 'en', locale: 'en' })
  expect(chooseLocale([])).toEqual({ language: 'en', locale: 'en' })
  expect(chooseLocale(['en-US@posix'])).toEqual({ language: 'en', locale: 'en' })
})
