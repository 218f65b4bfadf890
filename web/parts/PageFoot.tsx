import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { now, relay, relayOfPage, tab } from '../site.ts'
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
  return (
    <footer class="foot">
      <p>{relayText()}</p>
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

/** The same on every page, whether or not it has asked for the network. */
function relayText(): string {
  const { name, version } = tab.snapshot.value.relay ??
    networkGlance.value?.relay ??
    relayOfPage ?? { name: location.host, version: null }
  return version === null ? say('foot.relayUnknown', { host: name }) : say('foot.relay', { name, version })
}

function logText(head: LogHead | null): string {
  if (head === null) return say('foot.logUnknown')
  if (head.at === null) return say('foot.logNoAge', { n: head.size })
  return say('foot.log', { n: head.size, age: formats.duration(now.value - head.at) })
}
