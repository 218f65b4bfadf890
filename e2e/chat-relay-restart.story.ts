import { expect, it } from 'vitest'
import { chatWith } from './stage/chatter.ts'
import { ada, openContribute } from './stage/contributor.ts'
import { until } from './stage/until.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage({ tinyLanguageModel: true })

it('a relay that is killed in mid-answer breaks the stream off, charges nothing, and answers again when it is back', async () => {
  const { ask, relay } = stage
  const contributor = await openContribute(await stage.profile())
  await contributor.start(ada)
  await contributor.shows('idle')
  const before = await ask.account(ada)
  const answer = await chatWith(relay.url, 'Tell me a long story', { maxTokens: 150 })
  const broken = (async () => {
    for await (const event of answer.events) if (event.type === 'text') await relay.kill()
  })()
  await expect(broken).rejects.toThrow()
  await relay.restart()
  await contributor.shows('idle')
  expect((await ask.account(ada)).credits).toEqual(before.credits)
  const { text, receipts } = await (await chatWith(relay.url, 'Again', { maxTokens: 8 })).whole()
  expect(text.length).toBeGreaterThan(0)
  expect(receipts).toHaveLength(1)
})

it('a reader who leaves frees the tab, which is paid for what it had streamed', async () => {
  const { ask, relay } = stage
  const contributor = await openContribute(await stage.profile())
  await contributor.start(ada)
  await contributor.shows('idle')
  const creditOfAda = async (): Promise<number> => {
    const { pending, settled } = (await ask.account(ada)).credits
    return Number(pending) + Number(settled)
  }
  const before = await creditOfAda()
  const leave = new AbortController()
  const answer = await chatWith(relay.url, 'Tell me a long story', { maxTokens: 150, signal: leave.signal })
  const read = (async () => {
    for await (const event of answer.events) if (event.type === 'text') leave.abort()
  })()
  await expect(read).rejects.toThrow()
  await contributor.shows('idle')
  await until('what was streamed is checked and paid', async () => (await creditOfAda()) > before)
})
