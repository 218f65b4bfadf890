import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { relay, tab } from '../site.ts'
import type { FeedSource } from '../state/networkFeed.ts'
import { networkGlance } from '../state/networkGlance.ts'

/** How often a page that only glances at the network asks for it, ms. */
const GLANCE_MS = 10_000

/**
 * Keeps `networkGlance` fresh while a component is there. By asking, not by an event stream: a browser opens six
 * connections to one host, and a tab at work needs them for its models.
 */
export function useNetworkGlance(): FeedSource {
  const source = useSignal<FeedSource>('waiting')
  // Asked anew as soon as this tab itself is one of those connected.
  const id = tab.snapshot.value.tab
  useEffect(() => {
    const look = () => {
      if (document.hidden && networkGlance.value !== null) return
      relay.network().then(
        (network) => {
          networkGlance.value = network
          source.value = 'polling'
        },
        () => {
          source.value = 'lost'
        },
      )
    }
    look()
    const timer = setInterval(look, GLANCE_MS)
    document.addEventListener('visibilitychange', look)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', look)
    }
  }, [source, id])
  return source.value
}
