import { describe, expect, it } from 'vitest'
import { createRelayApi } from './relayApi.ts'

const hash = 'ab'.repeat(32)
const receipt = {
  v: 1,
  id: 'r1',
  relay: 'opentab-1f2e3d4c/log',
  task: 't1',
  kind: 'infer',
  subject: hash,
  input: hash,
  output: hash,
  seed: null,
  deviceClass: 'google-swiftshader-156',
  lane: 'float',
  verdict: 'recomputed',
  operations: 1000,
  microCredits: '1',
  account: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  previous: null,
}

/** A relay that gives one answer and notes what it was asked. */
function relay(answer: () => Response) {
  const asked: string[] = []
  const api = createRelayApi(async (input) => {
    asked.push(String(input))
    return answer()
  })
  return { api, asked }
}

describe('trouble', () => {
  it('says in words that there is no answer', async () => {
    const { api } = relay(() => {
      throw new TypeError('fetch failed')
    })
    await expect(api.network()).rejects.toMatchObject({
      status: 0,
      message: 'The relay does not answer. Check the connection and try again.',
    })
  })
  it('passes on the relay’s own sentence', async () => {
    const { api } = relay(() =>
      Response.json(
        { error: { message: 'No receipt r9', type: 'x', param: null, code: 'not_found' } },
        { status: 404 },
      ),
    )
    await expect(api.receipt('r9')).rejects.toMatchObject({ status: 404, message: 'No receipt r9.' })
  })
  it('does not show an answer of another shape, nor a page that is no JSON', async () => {
    await expect(relay(() => Response.json({ tabs: 3 })).api.network()).rejects.toThrow('makes no sense')
    await expect(relay(() => new Response('<html>')).api.account('0x1')).rejects.toThrow('makes no sense')
    await expect(relay(() => new Response('hello\nworld\n')).api.logHead()).rejects.toThrow('makes no sense')
  })
})

it('asks for receipts page by page', async () => {
  const { api, asked } = relay(() => Response.json({ data: [receipt], next: 'a b' }))
  const first = await api.receipts('0x5', null, 50)
  expect(first.data[0]).toMatchObject({ id: 'r1' })
  await api.receipts('0x5', first.next, 200)
  expect(asked).toEqual([
    '/v1/accounts/0x5/receipts?limit=50',
    '/v1/accounts/0x5/receipts?limit=200&cursor=a+b',
  ])
})

it('tells a receipt that waits for its checkpoint from one that is published', async () => {
  const waiting = relay(() => Response.json({ id: 'r1', state: 'pending' }, { status: 202 }))
  expect(await waiting.api.receipt('r1')).toEqual({ state: 'pending' })
  const document = { id: 'r1', receipt, entry: 'e30=', index: 0, proof: '' }
  const published = await relay(() => Response.json(document)).api.receipt('r1')
  expect(published).toMatchObject({ state: 'published', document })
})

it('reads size and age of the log from its checkpoint', async () => {
  const text = 'opentab-1f2e3d4c/log\n42\nAAAA\n\n— x y\n'
  const { api } = relay(
    () => new Response(text, { headers: { 'last-modified': 'Sun, 22 Nov 2026 09:00:00 GMT' } }),
  )
  expect(await api.logHead()).toEqual({
    origin: 'opentab-1f2e3d4c/log',
    size: 42,
    at: Date.UTC(2026, 10, 22, 9),
  })
  expect(await relay(() => new Response(text)).api.logHead()).toMatchObject({ at: null })
})
