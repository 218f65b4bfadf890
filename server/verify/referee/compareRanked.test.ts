import { describe, expect, it } from 'vitest'
import { OpentabError } from '../../../protocol/errors.ts'
import { type Tensor, tensorOf } from '../../../protocol/tensor.ts'
import { compareTensors } from './compareTensors.ts'

const tolerance = { rtol: 1e-3, atol: 1e-4 }
const ranked = { values: 'values', indices: 'indices', classes: 100 }

/** Rows of [class, value] pairs, best first. */
type Row = readonly (readonly [number | bigint, number])[]
function outputs(...rows: Row[]): Tensor[] {
  const shape = [1, rows.length, rows[0]?.length ?? 0]
  const pairs = rows.flat()
  return [
    tensorOf('values', 'FP32', shape, new Float32Array(pairs.map(([, value]) => value))),
    tensorOf('indices', 'INT64', shape, new BigInt64Array(pairs.map(([index]) => BigInt(index)))),
  ]
}
const compare = (actual: Row, expected: Row) =>
  compareTensors(outputs(actual), outputs(expected), tolerance, ranked)

/** A step that is sure, one between two classes, and one between two classes within the tolerance. */
const sure: Row = [
  [7, 0.9],
  [8, 0.05],
]
const torn: Row = [
  [7, 0.5],
  [8, 0.4],
]
const tied: Row = [
  [7, 0.4003],
  [8, 0.4],
]
const classesOf = (row: Row, ...classes: (number | bigint)[]): Row =>
  classes.map((each, rank) => [each, row[rank]![1]])
const wrong = /of indices .* are wrong/

describe('classes agree', () => {
  it('where they are equal', () => {
    for (const row of [sure, torn, tied]) expect(compare(row, row)).toBeNull()
  })

  it('where they change places within the tolerance', () => {
    expect(compare(classesOf(tied, 8, 7), tied)).toBeNull()
  })

  it('where the last is one that the referee does not rank', () => {
    for (const row of [sure, torn, tied]) {
      for (const last of [0, 9, 99]) expect(compare(classesOf(row, 7, last), row)).toBeNull()
    }
  })

  it('in an empty result', () => {
    expect(compareTensors(outputs(), outputs(), tolerance, ranked)).toBeNull()
  })
})

describe('classes are wrong', () => {
  it('where they change places though one is clearly better, whatever values are claimed', () => {
    expect(compare(classesOf(torn, 8, 7), torn)).toMatch(wrong)
    expect(compare(classesOf(sure, 8, 7), sure)).toMatch(wrong)
  })

  it('where the first is forged under the right values', () => {
    for (const row of [sure, torn, tied]) {
      for (const first of [0, 9, 99]) expect(compare(classesOf(row, first, 8), row)).toMatch(wrong)
    }
  })

  it('where a near tie is used to put a third class first', () => {
    expect(compare(classesOf(tied, 9, 7), tied)).toMatch(wrong)
  })

  it('where one stands at both ranks', () => {
    for (const row of [sure, torn, tied]) {
      expect(compare(classesOf(row, 7, 7), row)).toMatch(wrong)
      expect(compare(classesOf(row, 8, 8), row)).toMatch(wrong)
    }
  })

  it('where the last is none at all', () => {
    for (const last of [-1, 100, 2n ** 62n]) {
      expect(compare(classesOf(sure, 7, last), sure)).toMatch(wrong)
    }
  })

  it('where values are not numbers and classes are not equal', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const row: Row = [
        [7, value],
        [8, value],
      ]
      expect(compare(row, row)).toBeNull()
      expect(compare(classesOf(row, 8, 7), row)).toMatch(wrong)
      expect(compare(classesOf(row, 7, 9), row)).toMatch(wrong)
    }
    const half: Row = [
      [7, Number.POSITIVE_INFINITY],
      [8, 1],
    ]
    expect(compare(classesOf(half, 8, 7), half)).toMatch(wrong)
    expect(compare(classesOf(half, 8, 9), half)).toMatch(wrong)
  })

  it('and the sentence counts them and names the first', () => {
    const expected = outputs(sure, torn, tied)
    const actual = outputs(sure, classesOf(torn, 9, 8), classesOf(tied, 5, 6))
    expect(compareTensors(actual, expected, tolerance, ranked)).toBe(
      '2 of 6 elements of indices [1,3,2] are wrong (classes may change places where their values lie within 0.0001 + 0.001 * |value|): the first at [0,1,0] is 9 and must be 7.',
    )
  })
})

it('of three ranks, only the last may be unknown', () => {
  const row: Row = [
    [1, 0.3],
    [2, 0.3],
    [3, 0.3],
  ]
  expect(compare(classesOf(row, 3, 1, 2), row)).toBeNull()
  expect(compare(classesOf(row, 2, 1, 4), row)).toBeNull()
  expect(compare(classesOf(row, 1, 4, 2), row)).toMatch(wrong)
})

it('values are held to the tolerance under equal and under swapped classes', () => {
  const values = /of values .* are wrong/
  const forged: Row = [
    [7, 0.99],
    [8, 0.05],
  ]
  expect(compare(forged, sure)).toMatch(values)
  expect(
    compare(
      [
        [8, 0.41],
        [7, 0.4],
      ],
      tied,
    ),
  ).toMatch(values)
})

it('classes must be equal where nothing says that they are ranked', () => {
  const swapped = outputs(classesOf(tied, 8, 7))
  expect(compareTensors(swapped, outputs(tied), tolerance)).toMatch(/INT64 must be equal/)
})

it('form is looked at first', () => {
  const [values, indices] = outputs(sure) as [Tensor, Tensor]
  const flat = { ...indices, shape: [2] }
  expect(compareTensors([values, flat], outputs(sure), tolerance, ranked)).toContain('has the shape [2]')
})

it.each([
  { ...ranked, values: 'nothing' },
  { ...ranked, indices: 'values' },
  { ...ranked, values: 'indices' },
])('outputs that are no ranks are the model’s fault, not the tab’s', (statement) => {
  const compareAll = () => compareTensors(outputs(sure), outputs(sure), tolerance, statement)
  expect(compareAll).toThrow(OpentabError)
  expect(compareAll).toThrow(expect.objectContaining({ code: 'model_failed' }))
})
