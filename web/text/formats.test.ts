import { describe, expect, it } from 'vitest'
import { createFormats, creditsDecimal } from './formats.ts'

const en = createFormats('en', 'UTC')

describe('credits', () => {
  it('are exact for amounts that a double cannot hold', () => {
    expect(creditsDecimal('9007199254740993000001')).toBe('9007199254740993.000001')
    expect(en.exactCredits('9007199254740993000001')).toBe('9,007,199,254,740,993.000001')
  })
  it('below one and below zero keep their place', () => {
    expect(creditsDecimal('5')).toBe('0.000005')
    expect(creditsDecimal('-1500000')).toBe('-1.500000')
  })
  it('show three decimals, and six where three would show nothing', () => {
    expect(en.credits('0')).toBe('0.000')
    expect(en.credits('2147484')).toBe('2.147')
    expect(en.credits('999')).toBe('0.000999')
    expect(en.credits('1000')).toBe('0.001')
    expect(createFormats('ru').credits('2147484')).toBe('2,147')
  })
})

it('tells the marks of an axis apart, however small they are', () => {
  expect([0, 0.0002, 0.0004, 0.5, 1, 1500].map(en.axis)).toEqual([
    '0',
    '0.0002',
    '0.0004',
    '0.5',
    '1',
    '1,500',
  ])
})

describe('sizes and times', () => {
  it('take the unit that reads well', () => {
    expect([0, 999, 1500, 22_900_000, 155_000_000, 999_960_000, 2e9].map(en.bytes)).toEqual([
      '0 bytes',
      '999 bytes',
      '1.5 kB',
      '22.9 MB',
      '155 MB',
      '1.0 GB',
      '2.0 GB',
    ])
  })
  it('say a length of time in words and never below zero', () => {
    expect([-5, 999, 1000, 59_999, 60_000, 7_200_000, 86_400_000].map(en.duration)).toEqual([
      '0 seconds',
      '0 seconds',
      '1 second',
      '59 seconds',
      '1 minute',
      '2 hours',
      '1 day',
    ])
    expect(createFormats('ru').duration(120_000)).toBe('2 минуты')
  })
  it('say a computing time with its unit', () => {
    expect([0.42, 9.94, 412.4, 1240, 12_400].map(en.computeTime)).toEqual([
      '0.4 ms',
      '9.9 ms',
      '412 ms',
      '1.24 sec',
      '12.4 sec',
    ])
  })
  it('keep three digits of a speed', () => {
    expect([0, 0.01234, 26.84, 1234].map(en.gflops)).toEqual(['0.00', '0.0123', '26.8', '1,230'])
  })
  it('write moments', () => {
    const at = Date.UTC(2026, 10, 22, 9, 5, 7)
    expect(en.day(at)).toBe('Nov 22, 2026')
    expect(createFormats('en-GB', 'UTC').time(at)).toBe('09:05:07')
  })
})
