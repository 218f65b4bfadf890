import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { now, relay, tab } from '../site.ts'
import { networkGlance } from '../state/networkGlance.ts'
import type { LogHead } from '../state/relayApi.ts'
import { formats, say } from '../text/say.ts'

/** How often the size of the log is asked for, ms. */
const LOG_POLL_MS = 20_000

/** The relay, its log, privacy, source. */
export function PageFoot() {
  const log = useSignal<LogHead | null>(null)
  useEffect(() => {
    const look = () =>
      relay.logHead().then(
        (head) => {
          log.value = head
        },
        () => {},
      )
    void look()
    const timer = setInterval(look, LOG_POLL_MS)
    return () => clearInterval(timer)
  }, [log])
  const named = tab.snapshot.value.relay ?? networkGlance.value?.relay ?? null
  return (
    <footer class="foot">
      <p>{named === null ? say('foot.relayUnknown', { host: location.host }) : say('foot.relay', named)}</p>
      <p>{logText(log.value)}</p>
      <details>
        <summary>{say('foot.privacy')}</summary>
        <p>{say('privacy.page')}</p>
        <p>{say('privacy.relay')}</p>
        <p>{say('privacy.work')}</p>
      </details>
      <p>{say('foot.source')}</p>
    </footer>
  )
}

function logText(head: LogHead | null): string {
  if (head === null) return say('foot.logUnknown')
  if (head.at === null) return say('foot.logNoAge', { n: head.size })
  return say('foot.log', { n: head.size, age: formats.duration(now.value - head.at) })
}
