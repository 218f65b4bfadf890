import type { PageEvent } from '../link/linkApi.ts'

/** The Battery Status API, which TypeScript's DOM does not know. */
interface BatteryManager extends EventTarget {
  charging: boolean
}

/** Tells of battery, visibility, network and leaving, each at once and at every change, until called off. */
export function watchPage(tell: (event: PageEvent) => void): () => void {
  const over = new AbortController()
  const { signal } = over
  const visibility = () => tell({ type: 'visibility', visible: document.visibilityState === 'visible' })
  document.addEventListener('visibilitychange', visibility, { signal })
  visibility()
  addEventListener('online', () => tell({ type: 'network', online: true }), { signal })
  addEventListener('offline', () => tell({ type: 'network', online: false }), { signal })
  addEventListener('pagehide', () => tell({ type: 'leaving' }), { signal })
  const { getBattery } = navigator as Navigator & { getBattery?: () => Promise<BatteryManager> }
  // Where there is no battery interface the page cannot know, and work goes on.
  getBattery?.call(navigator).then(
    (battery) => {
      if (signal.aborted) return
      const level = () => tell({ type: 'battery', battery: { charging: battery.charging } })
      battery.addEventListener('chargingchange', level, { signal })
      level()
    },
    () => {},
  )
  return () => over.abort()
}

/** Holds a Web Lock, which keeps the browser from freezing the page in the background, until called off. */
export function keepAwake(): () => void {
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  navigator.locks?.request(`opentab-awake-${crypto.randomUUID()}`, () => held).catch(() => {})
  return () => release()
}
