import { expect, it } from 'vitest'
import { firstKernel } from '../lab/firstKernel.ts'
import { createOpenedSession } from './openedSession.ts'

const other = { ...firstKernel, name: 'other' }

it('opening another session loses no edit: what was open can be opened again, and back', () => {
  const { session, before, open, change } = createOpenedSession()
  open(other)
  expect(before.value).toBeNull()
  change({ seed: 7 })
  open(firstKernel)
  expect(before.value).toMatchObject({ name: 'other', seed: 7 })
  open(before.value!)
  expect(session.value).toMatchObject({ name: 'other', seed: 7 })
  expect(before.value).toBeNull()
})

it('what the programs say of a session is no edit of the person', () => {
  const { before, open, describe } = createOpenedSession()
  open(other)
  describe({ ...other, seed: 7 })
  open(firstKernel)
  expect(before.value).toBeNull()
})

it('nothing is wanted of a held session before it is released', () => {
  const { held, open, wanted, release } = createOpenedSession()
  open(other, { held: true })
  expect(wanted).toThrow('lab.pressRun')
  release()
  expect([held.value, wanted()]).toEqual([false, undefined])
})
