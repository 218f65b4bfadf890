import { createTab, type TabSnapshot } from '../../tab.ts'

/** What the test of the built tab drives from outside. */
const testPage = {
  tab: createTab({ relayUrl: location.origin, test: true }),
  latest: null as TabSnapshot | null,
}
void testPage.tab.subscribe((snapshot) => {
  testPage.latest = snapshot
})

export type TestPage = typeof testPage
Object.assign(globalThis, { testPage })
