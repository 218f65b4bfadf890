import { describe, expect, it } from 'vitest'
import type { CurrentTask, TabState } from '../../worker/link/tabApi.ts'
import { isRunning, stateAnnouncement, stateSentence, stateTitle } from './stateSentence.ts'

const NOW = 1_000_000
const sentence = (state: TabState, current: CurrentTask | null = null) =>
  stateSentence({ state, current }, NOW)
const text = (state: TabState) => sentence(state).text

const reading: CurrentTask = { kind: 'infer', subject: 'pp-ocrv4', graph: 'recognise', startedAt: NOW }

describe('the sentence of a state', () => {
  it('counts down to a try and never below it', () => {
    const lost = (retryAt: number): TabState => ({ name: 'disconnected', reason: 'lost', retryAt })
    expect(text(lost(NOW + 3000))).toBe('Not connected: the connection broke. Trying again in 3 seconds.')
    expect(text(lost(NOW + 1))).toContain('in 1 second.')
    expect(text(lost(NOW))).toBe('Not connected: trying again now.')
    expect(text(lost(NOW - 9000))).toBe('Not connected: trying again now.')
  })

  it('gives each reason for not being connected its own words', () => {
    expect(text({ name: 'disconnected', reason: 'relay-restarting', retryAt: NOW + 3000 })).toBe(
      'Not connected: the relay is restarting. Trying again in 3 seconds.',
    )
    expect(text({ name: 'disconnected', reason: 'offline', retryAt: NOW + 3000 })).toContain('offline')
  })

  it('says why it is paused and how to go on', () => {
    expect(text({ name: 'paused', reason: 'you', until: null })).toContain('Press Resume')
    expect(sentence({ name: 'paused', reason: 'battery', until: null })).toEqual({
      text: 'Paused: on battery. Plug in, or tick “Work on battery too”.',
      tone: 'warning',
      detail: null,
    })
    expect(text({ name: 'paused', reason: 'device-lost', until: NOW + 40_000 })).toBe(
      'Waiting 40 seconds: the graphics driver was lost once. A second loss stops this session.',
    )
    expect(text({ name: 'paused', reason: 'device-lost', until: null })).toContain('setting up again')
  })

  it('says how much of a model is loaded, then that it is prepared', () => {
    const loading = (bytes: number): TabState => ({
      name: 'loading',
      model: 'all-minilm-l6-v2',
      bytes,
      ofBytes: 22_900_000,
    })
    expect(text(loading(14_000_000))).toBe('Loading all-minilm-l6-v2, 14.0 MB of 22.9 MB, once.')
    expect(text(loading(22_900_000))).toBe('Preparing all-minilm-l6-v2.')
  })

  it('says for how long no one asked', () => {
    expect(text({ name: 'idle', since: NOW - 9_999 })).toBe('Ready. Waiting for someone to ask.')
    expect(text({ name: 'idle', since: NOW - 125_000 })).toBe(
      'Ready. No one has asked for anything for 2 minutes.',
    )
  })

  it('names the work in hand', () => {
    expect(sentence({ name: 'working' }, reading).text).toBe('Working on text recognition, reading lines.')
    expect(text({ name: 'working' })).toBe('Working. The next task is on its way.')
  })

  it('ends with an error, its mend and the exact message', () => {
    const stopped = sentence({
      name: 'stopped',
      error: { code: 'account_banned', message: 'Account 0xab is banned.', fix: 'Ask.' },
    })
    expect(stopped.text).toBe(
      'Stopped. This wallet address is banned on this relay. Ask the operator of the relay why.',
    )
    expect(stopped.detail).toBe('Exact message: Account 0xab is banned.')
    expect(stopped.tone).toBe('warning')
  })

  it('passes on an error that the catalogue does not know', () => {
    expect(
      text({ name: 'stopped', error: { code: 'internal', message: 'It broke', fix: 'Try later.' } }),
    ).toBe('Stopped. It broke. Try later.')
  })
})

describe('what a screen reader hears', () => {
  it('does not change while figures tick', () => {
    const at = (retryAt: number) =>
      stateAnnouncement({ state: { name: 'disconnected', reason: 'lost', retryAt }, current: null })
    expect(at(NOW + 1000)).toBe(at(NOW + 9000))
    const loaded = (bytes: number) =>
      stateAnnouncement({ state: { name: 'loading', model: 'm', bytes, ofBytes: 10 }, current: null })
    expect(loaded(1)).toBe(loaded(9))
    expect(stateAnnouncement({ state: { name: 'working' }, current: reading })).toBe('Working.')
  })
  it('is the whole sentence where nothing ticks', () => {
    const state: TabState = { name: 'paused', reason: 'battery', until: null }
    expect(stateAnnouncement({ state, current: null })).toBe(text(state))
  })
})

it('carries the state in the title', () => {
  expect(stateTitle({ name: 'working' }, 12)).toBe('● 12 tasks · Opentab')
  expect(stateTitle({ name: 'idle', since: 0 }, 1)).toBe('○ Ready, 1 task · Opentab')
  expect(stateTitle({ name: 'off' }, 0)).toBe('Contribute · Opentab')
})

it('is running in every state between Start and the end', () => {
  expect(isRunning({ name: 'off' })).toBe(false)
  expect(isRunning({ name: 'stopped', error: null })).toBe(false)
  expect(isRunning({ name: 'disconnected', reason: 'lost', retryAt: 0 })).toBe(true)
})
