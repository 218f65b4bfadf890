import type { Browser } from 'playwright-core'

/** A page that nothing watches while it works. */
export interface QuietPage {
  /** Evaluates an expression in the page and gives its JSON value; promises are awaited. */
  evaluate(expression: string): Promise<unknown>
  close(): Promise<void>
}

interface Answer {
  id?: number
  result?: {
    result: { value?: unknown }
    exceptionDetails?: { text: string; exception?: { description?: string } }
  }
  error?: { message: string }
}

/**
 * Opens a URL in a context of its own: its own storage, its own process. Playwright's pages have Chromium report every
 * WebSocket frame in base64, which took a tenth of two cores with results of 1 MB; here a debugger is attached only
 * while an expression is evaluated.
 */
export async function openQuietPage(browser: Browser, url: string): Promise<QuietPage> {
  const devtools = await browser.newBrowserCDPSession()
  const { browserContextId } = await devtools.send('Target.createBrowserContext')
  const { targetId } = await devtools.send('Target.createTarget', { url, browserContextId })
  let lastId = 0
  return {
    async evaluate(expression) {
      const { sessionId } = await devtools.send('Target.attachToTarget', { targetId, flatten: false })
      const id = ++lastId
      const answered = new Promise<Answer>((resolve) => {
        const hear = (event: { sessionId: string; message: string }): void => {
          const answer = JSON.parse(event.message) as Answer
          if (event.sessionId !== sessionId || answer.id !== id) return
          devtools.off('Target.receivedMessageFromTarget', hear)
          resolve(answer)
        }
        devtools.on('Target.receivedMessageFromTarget', hear)
      })
      const params = { expression, awaitPromise: true, returnByValue: true, userGesture: true }
      await devtools.send('Target.sendMessageToTarget', {
        sessionId,
        message: JSON.stringify({ id, method: 'Runtime.evaluate', params }),
      })
      const { result, error } = await answered
      await devtools.send('Target.detachFromTarget', { sessionId })
      const thrown = error?.message ?? result?.exceptionDetails?.exception?.description
      if (thrown !== undefined) throw new Error(`${expression.slice(0, 80)}: ${thrown}`)
      return result?.result.value
    },
    async close() {
      await devtools.send('Target.disposeBrowserContext', { browserContextId })
      await devtools.detach()
    },
  }
}
