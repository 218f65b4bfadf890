import { describe, expect, it } from 'vitest'
import { ada, ben, openContribute } from './stage/contributor.ts'
import { shortMatmul } from './stage/matmul.ts'
import { matmulBatch } from './stage/requester.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage()

describe('the network page', () => {
  it('is live: tabs and tasks appear while it is open', async () => {
    const { ask } = stage
    const watcher = await (await stage.profile()).newPage()
    await watcher.goto('/network')
    await watcher.getByText('No tab is connected.').waitFor()
    await watcher.locator('.source', { hasText: 'Live' }).waitFor()
    const rows = watcher.locator('.tabs li')
    const figure = (name: string, value: string) =>
      watcher.locator('.figures > div', { hasText: name }).locator('dd', { hasText: value }).waitFor()

    const first = await openContribute(await stage.profile())
    await first.start(ada)
    await rows.filter({ hasText: 'ready' }).waitFor()
    const second = await openContribute(await stage.profile())
    await second.start(ben)
    await rows.nth(1).waitFor()
    await figure('Tabs', '2')

    await ask.done(await ask.submit(matmulBatch([shortMatmul(61), shortMatmul(62), shortMatmul(63)])))
    await figure('Tasks done', '3')
    await second.button('Pause').click()
    await rows.filter({ hasText: 'paused' }).waitFor()
    await second.page.close()
    await figure('Tabs', '1')
    expect(await rows.count()).toBe(1)
  })

  it('is a plain table where scripts are off', async () => {
    const tab = await openContribute(await stage.profile())
    await tab.start(ada)
    await tab.shows('idle')
    const reader = await (await stage.profile({ javaScriptEnabled: false })).newPage()
    await reader.goto('/network')
    const tabs = reader.getByRole('table', { name: 'Tabs' })
    await tabs.getByRole('cell', { name: ada }).waitFor()
    await tabs.getByRole('cell', { name: 'idle' }).waitFor()
    await reader.getByRole('table', { name: 'Totals' }).waitFor()
    await reader.goto('/')
    await reader.locator('noscript p', { hasText: 'Lending a tab needs JavaScript.' }).waitFor()
    await reader.getByRole('link', { name: 'The network' }).click()
    await tabs.getByRole('cell', { name: ada }).waitFor()
  })
})
