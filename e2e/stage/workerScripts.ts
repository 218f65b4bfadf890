import type { BrowserContext } from 'playwright-core'

/** Scripts of a tab’s two workers, as they are built. */
const scripts = {
  link: /\/assets\/link-[^/]+\.js$/,
  compute: /\/assets\/compute\/compute-[^/]+\.js$/,
}

/**
 * Lets every worker of the profile run `code` before its own script: the one way to watch or change what a worker sees of
 * the browser, since init scripts run in pages only.
 */
export async function beforeWorker(
  context: BrowserContext,
  worker: keyof typeof scripts,
  code: () => void,
): Promise<void> {
  // A script that the test hands out comes from no known network, and such a worker may not talk to this machine.
  await context.grantPermissions(['local-network-access'])
  await context.route(scripts[worker], async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, body: `(${code.toString()})();${await response.text()}` })
  })
}
