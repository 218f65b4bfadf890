import { expect, it } from 'vitest'
import { clampIntensity, defaultSettings, readSettings } from './settings.ts'
import { shorten } from './shorten.ts'

it('keeps the defaults where storage holds nothing that can be used', () => {
  for (const text of [null, '{', '[]', '{"intensity": 500}', '{"onBattery": "yes"}']) {
    expect(readSettings(text)).toEqual(defaultSettings)
  }
  expect(readSettings('{"intensity": 40, "theme": "x"}')).toEqual({ ...defaultSettings, intensity: 40 })
})

it('holds intensity between 10 and 100 on a step', () => {
  expect([Number.NaN, -1, 0, 12, 13, 98, 200].map(clampIntensity)).toEqual([100, 10, 10, 10, 15, 100, 100])
})

it('shortens in the middle and leaves short texts whole', () => {
  expect(shorten('0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed')).toBe('0x5aAeb6…eAed')
  expect(shorten('ab'.repeat(32))).toBe('ababab…abab')
  expect(shorten('r_12345678')).toBe('r_12345678')
})
