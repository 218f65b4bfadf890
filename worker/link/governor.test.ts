import { expect, it } from 'vitest'
import { FakeClock } from './fakeClock.ts'
import { DEVICE_LOST_WAIT_MS, Governor, LEAST_REST_MS } from './governor.ts'

const governor = (intensity = 100, onBattery = false) => {
  const clock = new FakeClock()
  return { clock, governor: new Governor(clock, { intensity, onBattery }) }
}

it('allows work where nothing speaks against it', () => {
  expect(governor().governor.pause).toBeNull()
})

it('works where the battery cannot be known, and on mains', () => {
  const { governor: g } = governor()
  g.setBattery(null)
  expect(g.pause).toBeNull()
  g.setBattery({ charging: true })
  expect(g.pause).toBeNull()
})

it('pauses on battery, unless the person allows it', () => {
  const { governor: g } = governor()
  g.setBattery({ charging: false })
  expect(g.pause).toEqual({ reason: 'battery', until: null })
  g.onBattery = true
  expect(g.pause).toBeNull()
})

it('names the person’s own pause before any other', () => {
  const { governor: g } = governor()
  g.setBattery({ charging: false })
  g.deviceLost()
  g.pauseByUser(true)
  expect(g.pause?.reason).toBe('you')
})

it('waits 40 s after the first lost device and stops at the second', () => {
  const { governor: g, clock } = governor()
  expect(g.deviceLost()).toBe('wait')
  expect(g.pause).toEqual({ reason: 'device-lost', until: clock.now() + DEVICE_LOST_WAIT_MS })
  g.deviceBack()
  expect(g.pause).toBeNull()
  expect(g.deviceLost()).toBe('stop')
})

it('rests t(100 - i)/i after a task of t', () => {
  expect(governor(100).governor.restAfter(1000)).toBe(0)
  expect(governor(50).governor.restAfter(1000)).toBe(1000)
  expect(governor(25).governor.restAfter(100)).toBe(300)
  expect(governor(10).governor.restAfter(100)).toBe(900)
})

it('saves up rests that are too short for a timer', () => {
  const { governor: g } = governor(50)
  const rests = Array.from({ length: 100 }, () => g.restAfter(1))
  expect(rests.filter((ms) => ms > 0)).toEqual(Array(5).fill(LEAST_REST_MS))
})

it('takes no intensity below 10 percent', () => {
  expect(governor(0).governor.restAfter(100)).toBe(900)
})
