import { useEffect } from 'preact/hooks'
import { Consent } from '../parts/Consent.tsx'
import { DeviceCard } from '../parts/DeviceCard.tsx'
import { Earnings } from '../parts/Earnings.tsx'
import { Panel } from '../parts/Panel.tsx'
import { StoredModels } from '../parts/StoredModels.tsx'
import { TaskLog } from '../parts/TaskLog.tsx'
import { useNetworkGlance } from '../parts/useNetworkGlance.ts'
import { route, tab } from '../site.ts'
import type { FeedSource } from '../state/networkFeed.ts'
import { networkGlance } from '../state/networkGlance.ts'
import { say } from '../text/say.ts'

/** Where one lends the tab: what it will do, the panel, earnings, tasks, the device. */
export function ContributePage() {
  const reached = useNetworkGlance()
  const { value } = route
  const given = value.page === 'contribute' ? value.address : null
  const memory = value.page === 'contribute' ? value.memoryBytes : null
  const autostart = value.page === 'contribute' && value.autostart
  useEffect(() => {
    if (given !== null && !tab.running.value) tab.setAddress(given)
    if (memory !== null && !tab.running.value) tab.setMemoryBytes(memory)
    if (autostart) void tab.start()
  }, [given, memory, autostart])
  return (
    <>
      <div class="lead">
        <h1>{say('contribute.headline')}</h1>
        <NetworkSize reached={reached} />
      </div>
      <div class="contribute">
        <Panel />
        {!tab.running.value && <Consent />}
        <Earnings />
        <TaskLog />
        <DeviceCard />
        <StoredModels />
      </div>
    </>
  )
}

/** The live size of the network. */
function NetworkSize({ reached }: { reached: FeedSource }) {
  const network = networkGlance.value
  if (network === null) {
    return reached === 'lost' ? (
      <p class="size warning">{say('contribute.sizeFailed')}</p>
    ) : (
      // Keys, so that one takes the place of the other and none is seen to move.
      <p class="size quiet" key="unknown">
        {say('contribute.sizeUnknown')}
      </p>
    )
  }
  const { tasksToday, tasks } = network.totals
  return (
    <p class="size" key="size">
      <a class="size-link" href="/network">
        <span>{say('contribute.tabs', { n: network.tabs.length })}</span>
        <span>
          {tasksToday === undefined
            ? say('contribute.tasksEver', { n: tasks })
            : say('contribute.tasksToday', { n: tasksToday })}
        </span>
      </a>
    </p>
  )
}
