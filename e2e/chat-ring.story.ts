import { expect, it } from 'vitest'
import { chatWith } from './stage/chatter.ts'
import { ada, ben, type Contributor, eve, openContribute } from './stage/contributor.ts'
import { TINY } from './stage/dataFolder.ts'
import { until } from './stage/until.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage({ tinyLanguageModel: true })
/** Room for one stage of the tiny model and not for two, megabytes. */
const ONE_STAGE = '0.4'

async function join(address: string, megabytes: string): Promise<Contributor> {
  const contributor = await openContribute(await stage.profile(), `/?memory=${megabytes}`)
  await contributor.start(address)
  await contributor.shows('idle')
  return contributor
}

/** Three tabs that hold the stages in the order in which they came. */
async function ring(): Promise<[Contributor, Contributor, Contributor]> {
  const three = [await join(ada, ONE_STAGE), await join(ben, ONE_STAGE), await join(eve, ONE_STAGE)] as const
  await until('the model can be served', async () => {
    const { data } = await (await fetch(`${stage.relay.url}/v1/models`)).json()
    return data[0]?.opentab.ready === true
  })
  return [...three]
}

/** What one tab that holds the whole model says. */
async function oneTabSays(text: string, maxTokens: number): Promise<string> {
  const whole = await join(eve, '100')
  const answer = await (await chatWith(stage.relay.url, text, { maxTokens })).whole()
  await whole.page.close()
  await until('it is gone', async () => (await stage.ask.network()).tabs.length === 0)
  return answer.text
}

it('three tabs that hold a stage each say what one tab says, and each is paid for its own part, once', async () => {
  const { ask, relay } = stage
  const said = await oneTabSays('Once upon a time', 24)
  const addresses = [ada, ben, eve]
  await until('the one tab is paid', async () => (await ask.account(eve)).tasks.completed > 0)
  const before = await Promise.all(addresses.map((address) => ask.account(address)))
  await ring()
  const { text, tokens } = await (await chatWith(relay.url, 'Once upon a time', { maxTokens: 24 })).whole()
  expect([text, tokens]).toEqual([said, 24])
  // A stream ends with its answer; its checks, and what they pay, may come after it.
  const paid = (account: (typeof before)[number], i: number): number =>
    account.tasks.completed - before[i]!.tasks.completed
  const after = await until('every part is paid', async () => {
    const accounts = await Promise.all(addresses.map((address) => ask.account(address)))
    return Math.min(...accounts.map(paid)) >= 1 && accounts
  })
  expect(after.map(paid)).toEqual([1, 1, 1])
  expect(after.map(({ tasks }) => tasks.rejected)).toEqual([0, 0, 0])
})

it('two people chat over the same ring at once, and each gets the answer that is theirs', async () => {
  const asked = ['The first of two', 'And now the second']
  const said = [await oneTabSays(asked[0]!, 16), await oneTabSays(asked[1]!, 16)]
  await ring()
  const answers = await Promise.all(
    asked.map(async (text) => (await chatWith(stage.relay.url, text, { maxTokens: 16 })).whole()),
  )
  expect(answers.map(({ text }) => text)).toEqual(said)
})

it('a follow-up goes to the tabs that hold its beginning, and gets the answer that one tab gives', async () => {
  const question =
    'Tell me at length, with all that belongs to it, what became of the three tabs and of their answers.'
  const first = { role: 'user', content: question }
  const turn = async (messages: { role: string; content: string }[]) => {
    const answer = await fetch(`${stage.relay.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: TINY, messages, max_completion_tokens: 16, seed: 1, temperature: 0 }),
    })
    const { choices, usage } = await answer.json()
    return {
      text: choices[0].message.content as string,
      cached: usage.prompt_tokens_details?.cached_tokens ?? 0,
    }
  }
  const conversation = (said: string) => [
    first,
    { role: 'assistant', content: said },
    { role: 'user', content: 'And then?' },
  ]
  const whole = await join(eve, '100')
  const said = (await turn([first])).text
  const saidNext = (await turn(conversation(said))).text
  await whole.page.close()
  await until('it is gone', async () => (await stage.ask.network()).tabs.length === 0)
  await ring()
  expect(await turn([first])).toEqual({ text: said, cached: 0 })
  const next = await turn(conversation(said))
  expect(next.text).toBe(saidNext)
  expect(next.cached).toBeGreaterThanOrEqual(32)
})

it('a middle tab that is killed in mid-answer, five times over, changes nothing in the text', async () => {
  const said = await oneTabSays('In the middle', 60)
  let [, middle] = await ring()
  const answer = await chatWith(stage.relay.url, 'In the middle', { maxTokens: 60 })
  let [text, kills, pieces] = ['', 0, 0]
  for await (const event of answer.events) {
    if (event.type !== 'text') continue
    text += event.text
    if (++pieces % 8 !== 0 || kills === 5) continue
    kills++
    await middle.page.close()
    middle = await openContribute(await stage.profile(), `/?memory=${ONE_STAGE}`)
    await middle.start(ben)
  }
  expect(kills).toBe(5)
  expect(text).toBe(said)
})
