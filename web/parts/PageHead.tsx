import { isLabAlone, route, tab, theme } from '../site.ts'
import { accountPath } from '../state/route.ts'
import { stateAnnouncement } from '../state/stateSentence.ts'
import { say } from '../text/say.ts'

/** Name, pages, what the tab does (on the other pages), colours. */
export function PageHead() {
  const { page } = route.value
  const { address } = tab.settings.value
  const current = (name: string) => (page === name ? { 'aria-current': 'page' as const } : {})
  return (
    <header class="head">
      <a class="brand" href={isLabAlone ? '/lab' : '/'}>
        <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
          <path d="M3 27V9a4 4 0 0 1 4-4h7a4 4 0 0 1 4 4v2h7a4 4 0 0 1 4 4v12z" />
          <circle cx="16" cy="20" r="4" />
        </svg>
        {say('app.name')}
      </a>
      <nav aria-label={say('app.navigation')}>
        {!isLabAlone && (
          <>
            <a href="/" {...current('contribute')}>
              {say('nav.contribute')}
            </a>
            <a href="/chat" {...current('chat')}>
              {say('nav.chat')}
            </a>
          </>
        )}
        <a href="/lab" {...current('lab')}>
          {say('nav.lab')}
        </a>
        {!isLabAlone && (
          <a href="/network" {...current('network')}>
            {say('nav.network')}
          </a>
        )}
        {!isLabAlone && /^0x[0-9a-f]{40}$/i.test(address) && (
          <a href={accountPath(address)} {...current('account')}>
            {say('nav.account')}
          </a>
        )}
      </nav>
      {page !== 'contribute' && tab.running.value && (
        <p class="head-state">
          <span class="dot" data-tone="work" aria-hidden="true" />
          {stateAnnouncement(tab.snapshot.value)}
          <button type="button" class="button small" onClick={() => tab.stop()}>
            {say('panel.stop')}
          </button>
        </p>
      )}
      <button
        type="button"
        class="icon-button theme"
        aria-label={say(theme.dark.value ? 'theme.light' : 'theme.dark')}
        title={say(theme.dark.value ? 'theme.light' : 'theme.dark')}
        onClick={theme.toggle}
      >
        <svg viewBox="0 0 20 20" aria-hidden="true" focusable="false">
          <circle cx="10" cy="10" r="7" class="ring" />
          <path d="M10 3a7 7 0 0 1 0 14z" />
        </svg>
      </button>
    </header>
  )
}
