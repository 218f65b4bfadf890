import { describe, expect, it } from 'vitest'
import { lineText, readCharacters } from './lineText.ts'
import { readSteps } from './readSteps.ts'

const characters = readCharacters(new TextEncoder().encode('a\nb\n天\n'))

/** Steps of one line, each the class that wins with 0.8, or [class, probability of the space]. */
function read(...steps: (number | [best: number, space: number])[]) {
  const values = new Float32Array(steps.length * characters.length)
  for (const [step, entry] of steps.entries()) {
    const [best, space] = typeof entry === 'number' ? [entry, 0] : entry
    values[step * characters.length + best] = 0.8
    if (space > 0) values[step * characters.length + characters.length - 1] = space
  }
  const bytes = new Uint8Array(values.buffer)
  return readSteps({ steps: bytes, lines: 1, length: steps.length, classes: characters.length })[0]!
}

const textOf = (...steps: Parameters<typeof read>) => lineText(read(...steps), characters)

it('reads the key file, with the blank before and the space after it', () => {
  expect(characters).toEqual(['', 'a', 'b', '天', ' '])
  expect(readCharacters(new TextEncoder().encode('a\r\nb'))).toEqual(['', 'a', 'b', ' '])
})

describe('readSteps', () => {
  it('reads nothing from blanks, with no confidence', () => {
    expect(read(0, 0, 0)).toEqual({ classes: [], spaceBefore: [], confidence: 0 })
    expect(read()).toEqual({ classes: [], spaceBefore: [], confidence: 0 })
  })

  it('joins repetitions and keeps those that a blank parts', () => {
    expect(textOf(1, 1, 1, 0, 1, 2)).toBe('aab')
  })

  it('takes the mean of the first step of each character as its confidence', () => {
    expect(read(1, 1, 0, 2).confidence).toBeCloseTo(0.8)
  })
})

describe('lineText', () => {
  it('puts a space where blank steps hint at one', () => {
    expect(textOf(1, [0, 0.02], [0, 0.02], 2)).toBe('a b')
    expect(textOf(1, [0, 0.02], 2)).toBe('ab')
  })

  it('puts no second space beside a read one, and none at the ends', () => {
    expect(textOf([0, 0.2], 1, [0, 0.2], 4, [0, 0.2], 2, [0, 0.2])).toBe('a b')
    expect(textOf(4, 1, 4)).toBe('a')
  })

  it('puts none between characters of a script without spaces', () => {
    expect(textOf(3, [0, 0.2], 3, [0, 0.2], 1)).toBe('天天a')
  })
})
