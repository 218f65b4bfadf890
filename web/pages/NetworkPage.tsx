import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { NetworkDocument, NetworkModel, NetworkTab } from '../../protocol/network.ts'
import type { ThroughputSample } from '../../worker/link/tabApi.ts'
import { Figures } from '../parts/Figures.tsx'
import { ShortHash } from '../parts/ShortHash.tsx'
import { Throughput } from '../parts/Throughput.tsx'
import { now, relay } from '../site.ts'
import { servingText } from '../state/chatModels.ts'
import { createNetworkFeed, type FeedSource } from '../state/networkFeed.ts'
import { networkGlance } from '../state/networkGlance.ts'
import { deviceClasses, lookAt, servedModels, speedSince, type TotalsLook } from '../state/networkView.ts'
import { accountPath } from '../state/route.ts'
import { kindWord, verdictWords } from '../state/taskWords.ts'
import { formats, say, sayParts } from '../text/say.ts'

/** Rows of the list of tabs; a relay may have thousands. */
const MAX_ROWS = 200
/** Samples of the speed chart: 15 minutes. */
const MAX_SAMPLES = 180

/** Every tab at this relay and what waits for them, live. */
export function NetworkPage() {
  const { network, source, models, speed, ran } = useNetwork()
  return (
    <>
      <div class="lead">
        <h1>{say('network.title')}</h1>
        <p class="quiet">{say('network.lead')}</p>
        <SourceLine source={source} known={network !== null} />
      </div>
      <Totals network={network} />
      <div class="columns">
        <div class="column">
          <section class="card" aria-labelledby="speed-title">
            <h2 id="speed-title">{say('network.speed')}</h2>
            <Throughput
              samples={speed}
              nowMs={now.value}
              idle={network === null ? say('value.none') : say(ran ? 'chart.quiet' : 'network.noSpeed')}
            />
          </section>
          {network !== null && <Kinds network={network} />}
          {network !== null && <Verdicts network={network} />}
        </div>
        <div class="column">
          {network !== null && <Models models={servedModels(network, models)} />}
          {network !== null && <Classes network={network} />}
        </div>
      </div>
      {network !== null && <Tabs tabs={network.tabs} />}
    </>
  )
}

function useNetwork() {
  const network = useSignal<NetworkDocument | null>(networkGlance.value)
  const source = useSignal<FeedSource>('waiting')
  const models = useSignal<readonly NetworkModel[]>([])
  const speed = useSignal<readonly ThroughputSample[]>([])
  const look = useRef<TotalsLook | null>(null)
  /** Whether any task has ended since the page was opened. */
  const ran = useSignal(false)
  useEffect(() => {
    const feed = createNetworkFeed({
      openStream: () => {
        const stream = new EventSource('/v1/network')
        return {
          addEventListener: (type, listener) => stream.addEventListener(type, listener),
          get readyState() {
            return stream.readyState
          },
          close: () => stream.close(),
        }
      },
      ask: () => relay.network(),
      after: (ms, run) => {
        const timer = setTimeout(run, ms)
        return () => clearTimeout(timer)
      },
    })
    const endSource = feed.source.subscribe((value) => {
      source.value = value
    })
    const endNetwork = feed.network.subscribe((value) => {
      if (value === null) return
      network.value = value
      networkGlance.value = value
      const next = lookAt(value, Date.now())
      const sample = look.current === null ? null : speedSince(look.current, next)
      if (look.current === null || sample !== null) look.current = next
      if (sample !== null && sample.tasks > 0) ran.value = true
      if (sample !== null) speed.value = [...speed.value, sample].slice(-MAX_SAMPLES)
    })
    relay.models().then(
      (listed) => {
        models.value = listed
      },
      () => {},
    )
    return () => {
      endSource()
      endNetwork()
      feed.close()
    }
  }, [network, source, models, speed, ran])
  return {
    network: network.value,
    source: source.value,
    models: models.value,
    speed: speed.value,
    ran: ran.value,
  }
}

function SourceLine({ source, known }: { source: FeedSource; known: boolean }) {
  const lost = source === 'lost'
  const words = { waiting: 'network.waiting', live: 'network.live', polling: 'network.polling' } as const
  return (
    <p class={lost ? 'source warning' : 'source quiet'} role="status" data-known={known}>
      <span
        class="dot"
        data-tone={lost ? 'warning' : source === 'live' ? 'work' : 'wait'}
        aria-hidden="true"
      />
      {lost ? say('network.lost') : say(words[source])}
    </p>
  )
}

function Totals({ network }: { network: NetworkDocument | null }) {
  const none = say('value.none')
  const number = (value: number | undefined) => (value === undefined ? none : formats.number(value))
  const credits = network?.totals.microCredits
  return (
    <section class="card wide-figures">
      <Figures
        figures={[
          { label: say('network.tabs'), value: number(network?.tabs.length) },
          { label: say('network.leased'), value: number(network?.queue.leased) },
          { label: say('network.queued'), value: number(network?.queue.queued) },
          { label: say('network.tasks'), value: number(network?.totals.tasks) },
          {
            label: say('network.credits'),
            value: credits === undefined ? none : formats.credits(credits),
            why: say('earnings.unit'),
          },
        ]}
      />
    </section>
  )
}

/** A list of names with a count each. */
function Counts({
  id,
  title,
  rows,
}: {
  id: string
  title: string
  rows: readonly (readonly [string, string])[]
}) {
  return (
    <section class="card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <dl class="facts counts">
        {rows.map(([name, count]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="figure">{count}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function Kinds({ network }: { network: NetworkDocument }) {
  const kinds = Object.entries(network.queue.kinds ?? {})
  if (kinds.length === 0) return null
  const rows = kinds.map(([kind, count]) => [kindWord(kind), formats.number(count)] as const)
  return <Counts id="kinds-title" title={say('network.kinds')} rows={rows} />
}

function Verdicts({ network }: { network: NetworkDocument }) {
  const verdicts = Object.entries(network.verdicts ?? {})
  if (verdicts.length === 0) return null
  const rows = verdicts.map(
    ([verdict, count]) => [verdictWords(verdict).word, formats.number(count)] as const,
  )
  return <Counts id="verdicts-title" title={say('network.verdicts')} rows={rows} />
}

function Classes({ network }: { network: NetworkDocument }) {
  const classes = deviceClasses(network)
  if (classes.length === 0) return null
  const rows = classes.map(({ name, tabs }) => [name, say('network.nTabs', { n: tabs })] as const)
  return <Counts id="classes-title" title={say('network.classes')} rows={rows} />
}

function Models({ models }: { models: readonly NetworkModel[] }) {
  return (
    <section class="card" aria-labelledby="served-title">
      <h2 id="served-title">{say('network.models')}</h2>
      {models.length === 0 ? (
        <p class="quiet">{say('network.noModels')}</p>
      ) : (
        <ul class="rows">
          {models.map((model) => (
            <li key={model.id}>
              <div class="row-main">
                <span class="row-what">{model.id}</span>
                {model.bytes > 0 && <span class="figure quiet">{formats.bytes(model.bytes)}</span>}
              </div>
              <div class="row-more">
                <span class="dot" data-tone={model.ready ? 'work' : 'rest'} aria-hidden="true" />
                {model.mode === undefined ? say('network.modelReady', { n: model.tabs }) : servingText(model)}
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Tabs({ tabs }: { tabs: readonly NetworkTab[] }) {
  const hidden = tabs.length - MAX_ROWS
  return (
    <section class="card" aria-labelledby="tabs-title">
      <h2 id="tabs-title">{say('network.list')}</h2>
      {tabs.length === 0 ? (
        <p class="quiet">{sayParts('network.noTabs', { link: <a href="/">{say('nav.contribute')}</a> })}</p>
      ) : (
        <ul class="rows tabs">
          {tabs.slice(0, MAX_ROWS).map((tab) => (
            <TabRow key={tab.id} tab={tab} />
          ))}
        </ul>
      )}
      {hidden > 0 && <p class="quiet">{say('network.moreTabs', { n: hidden })}</p>}
    </section>
  )
}

function TabRow({ tab }: { tab: NetworkTab }) {
  const tones = { idle: 'wait', working: 'work', paused: 'rest', leaving: 'rest' } as const
  return (
    <li>
      <div class="row-main">
        <span class="row-what">
          <ShortHash text={tab.address} href={accountPath(tab.address)} />
        </span>
        <span class="row-state">
          <span class="dot" data-tone={tones[tab.state]} aria-hidden="true" />
          {say(`network.${tab.state}`)}
        </span>
        <span class="figure row-count">{say('contribute.tasksEver', { n: tab.tasks })}</span>
      </div>
      <div class="row-more">
        <span>{tab.deviceClass}</span>
        <span>{tab.backend}</span>
        <span>{tab.models.join(', ')}</span>
      </div>
    </li>
  )
}
