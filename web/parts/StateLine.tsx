import { now, tab } from '../site.ts'
import { stateAnnouncement, stateSentence } from '../state/stateSentence.ts'
import { say } from '../text/say.ts'

/** What the tab does now, as a sentence; heard once per change, without the figures that tick. */
export function StateLine() {
  const snapshot = tab.snapshot.value
  const trouble = tab.loadTrouble.value
  const { text, tone, detail } =
    trouble === null ? stateSentence(snapshot, now.value) : { text: trouble, tone: 'warning', detail: null }
  const { state } = snapshot
  return (
    <div class="state" data-tone={tone} data-state={state.name}>
      <h3 class="heard">{say('state.title')}</h3>
      <p class="state-text">
        <span class="dot" data-tone={tone} aria-hidden="true" />
        <span>{text}</span>
      </p>
      {detail !== null && <p class="quiet detail">{detail}</p>}
      {state.name === 'loading' && (
        <progress max={state.ofBytes} value={state.bytes} aria-label={stateAnnouncement(snapshot)} />
      )}
      <p class="heard" aria-live="polite">
        {trouble ?? stateAnnouncement(snapshot)}
      </p>
    </div>
  )
}
