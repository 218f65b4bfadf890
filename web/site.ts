/** The one instance of everything that the pages share: relay, tab, route, colours, clock. The only module that reads browser globals at load. */
import { signal } from '@preact/signals'
import { loadEip55 } from './state/addressCheck.ts'
import { dayOf } from './state/receiptFilter.ts'
import { createRelayApi } from './state/relayApi.ts'
import { type Route, routeOf } from './state/route.ts'
import { createTabStore } from './state/tabStore.ts'
import { createTheme } from './state/theme.ts'

/** Small texts kept between visits; silent where the browser forbids storage. */
export const storage = {
  get: (key: string): string | null => {
    try {
      return localStorage.getItem(key)
    } catch {
      return null
    }
  },
  set: (key: string, value: string): void => {
    try {
      localStorage.setItem(key, value)
    } catch {
      // A full or forbidden storage only means that the choice is not remembered.
    }
  },
}

export const relay = createRelayApi((input) => fetch(input))

/** The relay runs in test mode: it put this mark into the page. */
const test = document.querySelector('meta[name="opentab-test"][content="1"]') !== null

/** `opentab lab` serves the page: it has no chat, takes no tab, and knows no account. */
export const isLabAlone = document.querySelector('meta[name="opentab-lab"][content="1"]') !== null

/** The relay's name and version as it put them into the page; the name alone is where one may be. Null without either. */
export const relayOfPage = (() => {
  const said = document.querySelector<HTMLMetaElement>('meta[name="opentab-relay"]')?.content
  if (said === undefined) return null
  const [name = '', version = null] = said.split(' ')
  return { name, version }
})()

export const tab = createTabStore({
  loadTab: async () => {
    const { createTab } = await import('../worker/tab.ts')
    const made = createTab({ relayUrl: location.origin, test })
    // Where the tests of the whole path switch their faults on.
    if (test) Object.assign(globalThis, { opentabTab: made })
    return made
  },
  loadEip55,
  storage,
  today: () => dayOf({ at: new Date().toISOString() }) ?? '',
})

export const theme = createTheme(
  document.documentElement,
  matchMedia('(prefers-color-scheme: dark)'),
  storage,
)

const here = (): Route => routeOf(new URL(location.href), test)

/** The page that is shown. */
export const route = signal<Route>(here())

/** Goes to another page of this site without leaving it, so that the tab goes on working. */
export function navigate(path: string): void {
  history.pushState(null, '', path)
  route.value = here()
}

/** Epoch ms, moving once a second: for sentences that count. */
export const now = signal(Date.now())

/** Begins to listen: history, links of this site, the clock. */
export function attachSite(): void {
  addEventListener('popstate', () => {
    route.value = here()
  })
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (
      link === null ||
      link.origin !== location.origin ||
      link.target !== '' ||
      link.hasAttribute('download')
    )
      return
    if (link.getAttribute('href')?.startsWith('#')) return
    if (routeOf(new URL(link.href)).page === 'missing') return
    event.preventDefault()
    const before = route.value
    navigate(link.pathname + link.search + link.hash)
    // Another receipt of the same account: the list stays where it is, the receipt takes the focus.
    if (before.page === 'account' && route.value.page === 'account') return
    scrollTo(0, 0)
    document.getElementById('page')?.focus({ preventScroll: true })
  })
  setInterval(() => {
    now.value = Date.now()
  }, 1000)
}
