import { expect, it } from 'vitest'
import { StageRows } from './stageRows.ts'

it('counts the rows of each stage: of several the most, and back to where they were not paid', () => {
  const rows = new StageRows(3)
  rows.reach({ first: 0, last: 1 }, 64)
  rows.reach({ first: 1, last: 1 }, 10)
  expect([rows.of({ first: 2, last: 2 }), rows.of({ first: 1, last: 2 })]).toEqual([0, 64])
  rows.unreach({ first: 1, last: 2 }, 20)
  expect([0, 1, 2].map((stage) => rows.of({ first: stage, last: stage }))).toEqual([64, 20, 0])
  expect(rows.most).toBe(64)
})
