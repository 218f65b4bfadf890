import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { useStage } from './stage/useStage.ts'

const stage = useStage({ tinyLanguageModel: true })

interface Moved {
  node: Node | null
  previousRect: DOMRectReadOnly
  currentRect: DOMRectReadOnly
}

/** The foot goes down as a page fills; what sticks to the window's edge is told to move where what it stands in grows. */
const MAY_MOVE = '.foot, .chat-dock'

/** What moved on its own, and from where to where. */
const moved = (page: Page): Promise<string[]> =>
  page.evaluate(
    (mayMove) =>
      new Promise((resolve) => {
        const names = new Set<string>()
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) {
            const { sources } = entry as PerformanceEntry & { sources: Moved[] }
            for (const { node, previousRect: from, currentRect: to } of sources)
              if (node instanceof Element && node.closest(mayMove) === null)
                names.add(`${node.localName} ${node.className}: ${from.x}, ${from.y} to ${to.x}, ${to.y}`)
          }
        }).observe({ type: 'layout-shift', buffered: true })
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve([...names]))))
      }),
    MAY_MOVE,
  )

it.each([
  ['/', '.size-link'],
  ['/chat', '.chat-model select'],
])('nothing on %s moves when the relay’s answers come, wide and narrow', async (path, filled) => {
  for (const width of [1280, 360]) {
    const page = await (await stage.profile({ viewport: { width, height: 900 } })).newPage()
    // The relay answers once the page has been painted without it.
    await page.route(/\/(v1|log)\//, async (route) => {
      await page.waitForFunction(
        () =>
          document.querySelector('#page h1') !== null &&
          performance.getEntriesByName('first-contentful-paint').length > 0,
      )
      await page.evaluate(
        () => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next))),
      )
      await route.continue()
    })
    await page.goto(path)
    await page.locator(filled).waitFor()
    expect(await moved(page), `${width} px`).toEqual([])
  }
})
