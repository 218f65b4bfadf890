import { expect, it } from 'vitest'
import { answeredBy } from './answeredBy.ts'

const row = (account: string, deviceClass: string) => ({ account, deviceClass })

it('says nothing before a receipt is there', () => {
  expect(answeredBy([])).toBeNull()
})

it('names a device class once, however many steps it computed', () => {
  expect(answeredBy([row('a', 'apple'), row('a', 'apple')])).toBe('answered by apple')
})

it('counts the contributors of a ring, also where their devices are alike', () => {
  expect(answeredBy([row('a', 'apple'), row('b', 'apple'), row('a', 'apple')])).toBe(
    'answered by 2 contributors: apple',
  )
  expect(answeredBy([row('a', 'apple'), row('b', 'nvidia'), row('c', 'apple')])).toBe(
    'answered by 3 contributors: apple, nvidia',
  )
})
