import { type ReadonlySignal, signal } from '@preact/signals'
import { type NetworkDocument, networkDocument } from '../../protocol/network.ts'

/** How the newest document came. `lost`: the relay does not answer; the last figures stay. */
export type FeedSource = 'waiting' | 'live' | 'polling' | 'lost'

/** The part of EventSource that the feed uses. */
export interface EventStream {
  addEventListener(type: 'network' | 'error', listener: (event: { data?: unknown }) => void): void
  /** 2 when the browser has given up. */
  readonly readyState: number
  close(): void
}

export interface FeedEnvironment {
  /** Opens the event stream of `/v1/network`. */
  openStream(): EventStream
  /** Asks once. */
  ask(): Promise<NetworkDocument>
  /** Calls once after `ms`; the returned function calls it off. */
  after(ms: number, run: () => void): () => void
}

export interface NetworkFeed {
  network: ReadonlySignal<NetworkDocument | null>
  source: ReadonlySignal<FeedSource>
  close(): void
}

/** How often to ask when there is no stream, ms. */
export const POLL_MS = 5_000
/** A stream that has said nothing by then (a proxy that holds it back) is joined by polling, ms. */
export const FIRST_EVENT_MS = 4_000
const GIVEN_UP = 2

/** The network, live: over one event stream, or by asking every few seconds where that does not work. */
export function createNetworkFeed({ openStream, ask, after }: FeedEnvironment): NetworkFeed {
  const network = signal<NetworkDocument | null>(null)
  const source = signal<FeedSource>('waiting')
  let closed = false
  let polling = false
  let callOff = () => {}

  const stream = openStream()
  stream.addEventListener('network', (event) => {
    const document = typeof event.data === 'string' ? decode(event.data) : null
    if (closed || document === null) return
    polling = false
    callOff()
    network.value = document
    source.value = 'live'
  })
  stream.addEventListener('error', () => {
    if (closed) return
    if (stream.readyState === GIVEN_UP) poll()
    else if (!polling) {
      source.value = 'lost'
      wait(FIRST_EVENT_MS)
    }
  })
  wait(FIRST_EVENT_MS)

  function wait(ms: number): void {
    callOff()
    callOff = after(ms, poll)
  }

  function poll(): void {
    polling = true
    callOff()
    ask().then(
      (document) => {
        if (closed || !polling) return
        network.value = document
        source.value = 'polling'
        wait(POLL_MS)
      },
      () => {
        if (closed || !polling) return
        source.value = 'lost'
        wait(POLL_MS)
      },
    )
  }

  return {
    network,
    source,
    close: () => {
      closed = true
      callOff()
      stream.close()
    },
  }
}

function decode(text: string): NetworkDocument | null {
  try {
    const parsed = networkDocument.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
