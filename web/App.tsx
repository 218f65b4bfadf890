import { useSignalEffect } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { ContributePage } from './pages/ContributePage.tsx'
import { MissingPage } from './pages/MissingPage.tsx'
import { PageFoot } from './parts/PageFoot.tsx'
import { PageHead } from './parts/PageHead.tsx'
import { now, route, tab } from './site.ts'
import type { Route } from './state/route.ts'
import { isRunning, stateTitle } from './state/stateSentence.ts'
import { say } from './text/say.ts'

/** Pages whose code is fetched when they are opened. */
const later = {
  network: async () => (await import('./pages/NetworkPage.tsx')).NetworkPage,
  account: async () => (await import('./pages/AccountPage.tsx')).AccountPage,
  chat: async () => (await import('./pages/ChatPage.tsx')).ChatPage,
  lab: async () => (await import('./pages/LabPage.tsx')).LabPage,
}

/** The frame: header, the page of the URL, foot. */
export function App() {
  useTitle()
  useEscape()
  const { page } = route.value
  return (
    <>
      <a class="skip" href="#page">
        {say('app.skip')}
      </a>
      <PageHead />
      <main id="page" tabIndex={-1}>
        {page === 'contribute' && <ContributePage />}
        {(page === 'network' || page === 'account' || page === 'chat' || page === 'lab') && (
          <LaterPage key={page} page={page} />
        )}
        {page === 'missing' && <MissingPage />}
      </main>
      <PageFoot />
    </>
  )
}

function LaterPage({ page }: { page: keyof typeof later }) {
  const [loaded, setLoaded] = useState<{ Page: ComponentType } | 'failed' | null>(null)
  useEffect(() => {
    later[page]().then(
      (Page) => setLoaded({ Page }),
      () => setLoaded('failed'),
    )
  }, [page])
  if (loaded === null) return <p class="quiet">{say('page.loading')}</p>
  if (loaded === 'failed') return <p class="warning">{say('page.failed')}</p>
  return <loaded.Page />
}

/** Shortest time between two titles that differ in nothing but the work, ms. */
const TITLE_MS = 3_000
const atWork = new Set(['working', 'idle'])

/** The browser title: the state while the tab is in a session, whatever page is open. */
function useTitle(): void {
  const shown = useRef({ state: '', at: 0 })
  useSignalEffect(() => {
    const { state, session } = tab.snapshot.value
    // Count and idleness may lag: for each new title the browser draws its own window, 14 ms of it without a GPU.
    const due = now.value - shown.current.at >= TITLE_MS
    if (atWork.has(state.name) && atWork.has(shown.current.state) && !due) return
    shown.current = { state: state.name, at: now.value }
    const ended = state.name === 'stopped' && state.error !== null
    document.title = isRunning(state) || ended ? stateTitle(state, session.completed) : pageTitle(route.value)
  })
}

function pageTitle({ page }: Route): string {
  switch (page) {
    case 'contribute':
      return say('title.page', { page: say('nav.contribute') })
    case 'network':
      return say('title.page', { page: say('network.title') })
    case 'chat':
      return say('title.page', { page: say('chat.title') })
    case 'lab':
      return say('title.page', { page: say('nav.lab') })
    case 'account':
      return say('title.page', { page: say('account.title') })
    case 'missing':
      return say('title.page', { page: say('missing.title') })
    default:
      return page satisfies never
  }
}

/** Escape stops the tab, on every page. */
function useEscape(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented && tab.running.value) void tab.stop()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
}
