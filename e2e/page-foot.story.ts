import { expect, it } from 'vitest'
import { ada } from './stage/contributor.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage()

it('every page has the same foot, opened by its address', async () => {
  const page = await (await stage.profile()).newPage()
  const feet = new Map<string, string>()
  for (const path of ['/', '/chat', '/lab', '/network', `/account/${ada}`, '/nothere']) {
    await page.goto(path)
    const foot = page.getByRole('contentinfo')
    await foot.getByText('Log of 0 receipts').waitFor()
    const lines = await foot.locator('p, summary').allTextContents()
    // The age of the log goes on.
    feet.set(path, lines.map((line) => line.replace(/, \d+ \w+ old$/, '')).join('\n'))
  }
  expect(feet.get('/')).toMatch(/^Relay opentab-[0-9a-f]{8}, version \d+\.\d+\.\d+\n/)
  expect(new Set(feet.values()).size, JSON.stringify([...feet], null, 1)).toBe(1)
})
