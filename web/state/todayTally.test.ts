import { expect, it } from 'vitest'
import { addSession, earnedToday, readTally } from './todayTally.ts'

const session = { day: '2026-11-22', address: '0xA', id: 's1', microCredits: '5' }

it('reads back nothing it cannot trust', () => {
  expect(readTally(null)).toBeNull()
  expect(readTally('{')).toBeNull()
  expect(readTally('{"day":"x","address":"y","sessions":{"a":"1.5"}}')).toBeNull()
})

it('adds up sessions, and counts the newest sum of each once', () => {
  let tally = addSession(null, session)
  tally = addSession(tally, { ...session, microCredits: '9007199254740993' })
  tally = addSession(tally, { ...session, id: 's2', microCredits: '7' })
  expect(earnedToday(readTally(JSON.stringify(tally)), '2026-11-22', '0xA')).toBe('9007199254741000')
})

it('begins anew on another day and for another address', () => {
  const tally = addSession(null, session)
  expect(earnedToday(tally, '2026-11-23', '0xA')).toBe('0')
  expect(earnedToday(tally, '2026-11-22', '0xB')).toBe('0')
  expect(addSession(tally, { ...session, day: '2026-11-23', id: 's2' }).sessions).toEqual({ s2: '5' })
})
