/** The chat page's one store; made when the page is first opened and kept while the reader looks at other pages. */
import { storage } from './site.ts'
import { createChatStore, HISTORY_KEY } from './state/chatStore.ts'

export const chat = createChatStore({
  fetch: (input, init) => fetch(input, init),
  storage,
  now: () => Date.now(),
  newId: () => crypto.getRandomValues(new Uint32Array(2)).join('-'),
})

// A phone may end the page any time after this.
addEventListener('pagehide', chat.keep)
addEventListener('storage', ({ key }) => {
  if (key === HISTORY_KEY) chat.reread()
})
