import { expect, it } from 'vitest'
import { connectedComponents } from './connectedComponents.ts'

/** A map from a drawing: `#` is text. */
function mapOf(...rows: string[]) {
  const width = rows[0]!.length
  return [
    Float32Array.from(rows.join(''), (mark) => (mark === '#' ? 0.9 : 0.1)),
    width,
    rows.length,
    0.3,
  ] as const
}

it('finds nothing on an empty map', () => {
  expect(connectedComponents(...mapOf('....', '....'))).toEqual([])
})

it('does not take a pixel exactly at the threshold or NaN', () => {
  expect(connectedComponents(Float32Array.of(0.3, Number.NaN), 2, 1, Math.fround(0.3))).toEqual([])
})

it('joins pixels that touch by a corner', () => {
  expect(connectedComponents(...mapOf('#...', '.#..', '..##')).map(({ area }) => area)).toEqual([4])
})

it('joins two arms that meet only below, also when one passes over the other', () => {
  expect(connectedComponents(...mapOf('#.###', '#.#.#', '#.#.#', '###.#')).map(({ area }) => area)).toEqual([
    14,
  ])
})

it('keeps apart what a column of background parts, also across the end of a row', () => {
  const components = connectedComponents(...mapOf('##.##', '##.##'))
  expect(components.map(({ area }) => area)).toEqual([4, 4])
  expect(components[1]!.runEnds).toEqual([
    [3, 0],
    [4, 0],
    [3, 1],
    [4, 1],
  ])
})
