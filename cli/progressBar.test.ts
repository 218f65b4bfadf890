import { expect, it } from 'vitest'
import { progressBar } from './progressBar.ts'

function shown(isTTY: boolean) {
  const texts: string[] = []
  const bar = progressBar({ isTTY, write: (text) => texts.push(text) })
  return { bar, texts }
}

it('a bar in a pipe says each tenth once, each on its line', () => {
  const { bar, texts } = shown(false)
  for (let done = 0; done <= 100; done++) bar.show(done * 1e6, 100e6, 'from here')
  bar.end()
  expect(texts.length).toBe(11)
  expect(texts[3]).toBe('30 % of 100.0 MB, from here\n')
})

it('a bar on a terminal is drawn over itself, and another source begins a new line', () => {
  const { bar, texts } = shown(true)
  bar.show(0, 2e6, 'from the hub')
  bar.show(1e6, 2e6, 'from the hub')
  bar.show(1e6, 2e6, 'from the hub')
  bar.show(0, 2e6, 'from the registry')
  bar.end()
  bar.end()
  const cells = (full: number): string => '█'.repeat(full) + '░'.repeat(24 - full)
  expect(texts).toEqual([
    `\r\u001b[2K[${cells(0)}] 0.0 of 2.0 MB, from the hub`,
    `\r\u001b[2K[${cells(12)}] 1.0 of 2.0 MB, from the hub`,
    '\n',
    `\r\u001b[2K[${cells(0)}] 0.0 of 2.0 MB, from the registry`,
    '\n',
  ])
})

it('a bar over nothing is full', () => {
  const { bar, texts } = shown(false)
  bar.show(0, 0, 'empty')
  expect(texts).toEqual(['100 % of 0.0 MB, empty\n'])
})
