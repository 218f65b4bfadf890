import type { TabSnapshot, TabState } from '../../worker/link/tabApi.ts'
import { formats, isTextKey, say } from '../text/say.ts'
import { asSentence, workOf } from './taskWords.ts'

/** `rest`: nothing runs. `work`: as it should be. `wait`: will go on by itself. `warning`: needs the person. */
export type Tone = 'rest' | 'work' | 'wait' | 'warning'

export interface StateSentence {
  text: string
  tone: Tone
  /** The exact technical message under it, where there is one. */
  detail: string | null
}

/** A wait shorter than this is not worth counting, ms. */
const IDLE_WORTH_SAYING_MS = 10_000

const secondsUntil = (at: number, nowMs: number): number => Math.max(0, Math.ceil((at - nowMs) / 1000))

/** The state of the tab as a sentence, with the reason and the mend of every refusal. */
export function stateSentence(
  snapshot: Pick<TabSnapshot, 'state' | 'current'>,
  nowMs: number,
): StateSentence {
  const { state } = snapshot
  const sentence = (tone: Tone, text: string, detail: string | null = null) => ({ text, tone, detail })
  switch (state.name) {
    case 'off':
      return sentence('rest', say('state.off'))
    case 'starting':
      return sentence('wait', say(state.step === 'device' ? 'state.device' : 'state.connecting'))
    case 'loading':
      return sentence('wait', loadingText(state))
    case 'idle': {
      const idleMs = nowMs - state.since
      return sentence(
        'work',
        idleMs < IDLE_WORTH_SAYING_MS
          ? say('state.ready')
          : say('state.idle', { duration: formats.duration(idleMs) }),
      )
    }
    case 'working':
      return sentence(
        'work',
        snapshot.current === null
          ? say('state.workingNext')
          : say('state.working', { what: workOf(snapshot.current) }),
      )
    case 'paused':
      return pausedSentence(state, nowMs)
    case 'finishing':
      return sentence('work', say('state.finishing'))
    case 'disconnected':
      return sentence('warning', disconnectedText(state, nowMs))
    case 'stopped':
      return stoppedSentence(state.error)
    default:
      return state satisfies never
  }
}

function loadingText(state: Extract<TabState, { name: 'loading' }>): string {
  if (state.bytes >= state.ofBytes) return say('state.preparing', { model: state.model })
  return say('state.loading', {
    model: state.model,
    done: formats.bytes(state.bytes),
    total: formats.bytes(state.ofBytes),
  })
}

function pausedSentence(state: Extract<TabState, { name: 'paused' }>, nowMs: number): StateSentence {
  switch (state.reason) {
    case 'you':
      return { tone: 'rest', text: say('state.pausedYou'), detail: null }
    case 'battery':
      return { tone: 'warning', text: say('state.pausedBattery'), detail: null }
    case 'device-lost': {
      const n = state.until === null ? 0 : secondsUntil(state.until, nowMs)
      const text = n === 0 ? say('state.deviceLostSoon') : say('state.deviceLost', { n })
      return { tone: 'warning', text, detail: null }
    }
    default:
      return state.reason satisfies never
  }
}

function disconnectedText(state: Extract<TabState, { name: 'disconnected' }>, nowMs: number): string {
  if (state.reason === 'offline') return say('state.offline')
  const n = secondsUntil(state.retryAt, nowMs)
  if (n === 0) return say('state.retrying')
  return say(state.reason === 'relay-restarting' ? 'state.relayRestarting' : 'state.connectionLost', { n })
}

function stoppedSentence(error: Extract<TabState, { name: 'stopped' }>['error']): StateSentence {
  if (error === null) return { tone: 'rest', text: say('state.stopped'), detail: null }
  const whatKey = `error.${error.code}.what`
  const mendKey = `error.${error.code}.mend`
  if (isTextKey(whatKey) && isTextKey(mendKey)) {
    const text = say('state.error', { what: say(whatKey), mend: say(mendKey) })
    return { tone: 'warning', text, detail: say('state.detail', { message: error.message }) }
  }
  const text = say('state.error', { what: asSentence(error.message), mend: asSentence(error.fix) })
  return { tone: 'warning', text, detail: null }
}

/**
 * What a screen reader hears when the state changes: the sentence without the figures that tick, so that a countdown is
 * not read out every second.
 */
export function stateAnnouncement(snapshot: Pick<TabSnapshot, 'state' | 'current'>): string {
  const { state } = snapshot
  if (state.name === 'working') return say('state.workingHeard')
  if (state.name === 'idle') return say('state.ready')
  if (state.name === 'loading') return say('state.preparing', { model: state.model })
  if (state.name === 'disconnected' && state.reason !== 'offline') return say('state.retrying')
  if (state.name === 'paused' && state.reason === 'device-lost') return say('state.deviceLostSoon')
  return stateSentence(snapshot, 0).text
}

/** The browser title on the contribute page. `completed`: tasks of this session. */
export function stateTitle(state: TabState, completed: number): string {
  switch (state.name) {
    case 'off':
      return say('title.page', { page: say('nav.contribute') })
    case 'starting':
    case 'loading':
      return say('title.starting')
    case 'idle':
      return say('title.idle', { n: completed })
    case 'working':
      return say('title.working', { n: completed })
    case 'paused':
      return say('title.paused')
    case 'finishing':
      return say('title.finishing')
    case 'disconnected':
      return say('title.disconnected')
    case 'stopped':
      return state.error === null ? say('title.page', { page: say('nav.contribute') }) : say('title.error')
    default:
      return state satisfies never
  }
}

/** Whether the tab is in a session: Pause, Finish and Stop are there instead of Start. */
export const isRunning = (state: TabState): boolean => state.name !== 'off' && state.name !== 'stopped'
