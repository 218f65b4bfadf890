import { expect, it } from 'vitest'
import { ada, openContribute } from './stage/contributor.ts'
import { until } from './stage/until.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage()

it('an address that cannot be right is refused in the page with its reason, and nothing starts', async () => {
  const { ask } = stage
  const context = await stage.profile()
  const sockets: string[] = []
  const { page, button, start, shows } = await openContribute(context)
  page.on('worker', (worker) => sockets.push(worker.url()))
  const note = page.locator('#address-note')
  for (const [address, reason] of [
    ['', 'Paste a wallet address first. It starts with 0x.'],
    ['ada.eth', 'Names such as ada.eth are not looked up here.'],
    ['8617E340B3D01FA5F11F306F4090FD50E238070D', 'A wallet address starts with 0x.'],
    ['0x8617E340', 'The address has 8 digits after 0x and needs 40.'],
    [ada.replace('9EE7', '9EEg'), '“g” cannot be part of an address.'],
    // One letter of another case: the checksum of EIP-55.
    [ada.replace('886E0F', '886e0F'), 'The capital letters do not match, so a character is wrong'],
  ] as const) {
    await page.getByLabel('Wallet address').fill(address)
    await button('Start').click()
    await note.filter({ hasText: reason }).waitFor()
    expect(await note.getAttribute('class')).toContain('warning')
    expect(await page.getByLabel('Wallet address').getAttribute('aria-invalid')).toBe('true')
    await shows('off')
  }
  expect(sockets).toEqual([])
  expect((await ask.network()).tabs).toEqual([])

  // The same letters in lower case carry no checksum and are taken; the ledger writes them with one.
  await start(ada.toLowerCase())
  await shows('idle')
  await until('the tab is listed', async () => (await ask.network()).tabs[0]?.address === ada)
  const account = await fetch(`${stage.relay.url}/v1/accounts/${ada.replace('886E0F', '886e0F')}`)
  expect(account.status).toBe(400)
})
