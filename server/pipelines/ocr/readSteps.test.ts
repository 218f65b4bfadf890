import { describe, expect, it } from 'vitest'
import { lineText, readCharacters } from './lineText.ts'
import { readSteps } from './readSteps.ts'

const characters = readCharacters(new TextEncoder().encode('a\nb\n天\n'))

type Step = number | [best: number, space: number]

/** Lines of steps, each the class that wins with 0.8, or [class, probability of the space]. */
function readLines(...lines: Step[][]) {
  const steps = lines.flat().map((entry) => (typeof entry === 'number' ? ([entry, 0] as const) : entry))
  return readSteps({
    lines: lines.length,
    length: lines[0]!.length,
    // The second best is never looked at.
    indices: new BigInt64Array(steps.flatMap(([best]) => [BigInt(best), 3n])),
    values: new Float32Array(steps.flatMap(() => [0.8, 0.79])),
    space: new Float32Array(steps.map(([, space]) => space)),
  })
}
const read = (...steps: Step[]) => readLines(steps)[0]!

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

  it('reads each line of a batch on its own', () => {
    expect(readLines([1, 1, [0, 0.5]], [1, 0, 2]).map((line) => [line.classes, line.spaceBefore])).toEqual([
      [[1], [0]],
      [
        [1, 2],
        [0, 0],
      ],
    ])
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
