import { hash } from 'node:crypto'
import { request } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { computeLease, defaultWork, type SimulatedTab } from '../../bench/simulatedTab.ts'
import { closeCodes } from '../../protocol/closeCodes.ts'
import { encodeLeases, encodeResults } from '../../protocol/frames.ts'
import { MAX_CONTROL_BYTES, MAX_FRAME_BYTES, MAX_TABS_PER_IP } from '../../protocol/limits.ts'
import type { FromRelay } from '../../protocol/messages.ts'
import type { Lease } from '../../protocol/task.ts'
import { descriptorText } from '../../shaders/library.ts'
import { FixtureRelay, smallProduct } from '../fixtureRelay.ts'
import { ALICE, BOB, fakeDevice } from '../placement/fakeTab.ts'

let relay: FixtureRelay
beforeAll(async () => {
  relay = await FixtureRelay.open()
})
afterAll(() => relay.close())

const hello = {
  type: 'hello',
  version: 1,
  address: ALICE,
  device: fakeDevice,
  kernels: [],
  ready: [],
  slots: 1,
  storageBytes: 0,
}

/** A bare socket: what it sends is up to the test. */
async function bare(headers: Record<string, string> = {}) {
  const socket = new WebSocket(`${relay.url.replace('http', 'ws')}/tab`, {
    headers,
    perMessageDeflate: false,
  })
  const messages: FromRelay[] = []
  socket.on('message', (data, isBinary) => {
    if (!isBinary) messages.push(JSON.parse(String(data)) as FromRelay)
  })
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })),
  )
  socket.on('error', () => {})
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  const errors = () => messages.filter((message) => message.type === 'error')
  return { socket, messages, closed, errors }
}

/** Sends these frames on a fresh connection, and gives how the relay ended it. */
async function refusalOf(...frames: (string | Uint8Array)[]) {
  const { socket, closed, errors } = await bare()
  for (const frame of frames) socket.send(frame, { binary: typeof frame !== 'string' })
  const { code, reason } = await closed
  return { code, reason, errors: errors().map((error) => error.code) }
}

const greeting = JSON.stringify(hello)
const result = { task: 1, generation: 1, computeMicros: 0, outputs: [] }
const lease: Lease = {
  task: 1,
  generation: 1,
  leaseMs: 1,
  spec: {
    kind: 'kernel',
    kernel: 'matmul-i8',
    subject: 'ab'.repeat(32),
    shape: { m: 1, k: 1, n: 1 },
    seed: 1,
    inputs: [],
  },
}
const poked = (at: number, byte: number): Uint8Array => {
  const frame = encodeResults([result])
  frame[at] = byte
  return frame
}

const credit = async (address: string): Promise<string> => {
  const { pending, settled } = (await relay.get(`/v1/accounts/${address}`)).json.credits
  return String(BigInt(pending) + BigInt(settled))
}

describe('a connection', () => {
  it('[K12] hears in its welcome what a tab of its class measured, and nothing of another class', async () => {
    const tuned = {
      kernel: 'transpose',
      programs: hash('sha256', descriptorText('transpose'), 'hex'),
      shapeClass: 'columns=8 rows=8',
      variant: 'registerTile',
      tuning: { lanes: 16 },
      ms: 1,
    }
    const device = { ...fakeDevice, vendor: 'tuned' }
    const greet = async (of: typeof device) => {
      const { socket, messages, closed } = await bare()
      socket.send(JSON.stringify({ ...hello, device: of }))
      socket.send(JSON.stringify({ type: 'tuned', choices: of === device ? [tuned] : [], struck: [] }))
      socket.send(JSON.stringify({ type: 'leaving' }))
      // A second hello ends it, after all else was heard.
      socket.send(greeting)
      await closed
      return messages[0]
    }
    expect(await greet(device)).not.toHaveProperty('tuning')
    expect(await greet(device)).toMatchObject({ type: 'welcome', tuning: [tuned] })
    expect(await greet({ ...device, vendor: 'other' })).not.toHaveProperty('tuning')
  })

  it('[H5] gets the welcome first, then models and credits', async () => {
    const { socket, messages } = await bare()
    const welcomed = new Promise((resolve) => {
      socket.on('message', () => messages.length >= 3 && resolve(null))
    })
    socket.send(greeting)
    await welcomed
    expect(messages.map(({ type }) => type)).toEqual(['welcome', 'models', 'credits'])
    expect(messages[0]).toMatchObject({
      version: 1,
      tab: expect.stringMatching(/^tab_[0-9a-f]{12}$/),
      resume: expect.stringMatching(/^[\w-]{24}$/),
      resumed: false,
      heartbeatMs: 4000,
      deviceClass: expect.stringMatching(/^google\/swiftshader\/156\/[0-9a-f]{8}$/),
    })
    socket.close()
  })

  const refused: [string, (string | Uint8Array)[], keyof typeof closeCodes][] = [
    ['[H1] another first message', ['{"type":"leaving"}'], 'notGreeted'],
    ['[H1] a result before the hello', [encodeResults([result])], 'notGreeted'],
    ['[H2] another version', [JSON.stringify({ ...hello, version: 2 })], 'wrongVersion'],
    ['[H3] an address that is none', [JSON.stringify({ ...hello, address: '0x12' })], 'badAddress'],
    [
      '[H3] a wrong checksum',
      [JSON.stringify({ ...hello, address: ALICE.replace('5a', '5A') })],
      'badAddress',
    ],
    ['[H3] the zero address', [JSON.stringify({ ...hello, address: `0x${'0'.repeat(40)}` })], 'badAddress'],
    ['[H6] a second hello', [greeting, greeting], 'badFrame'],
    ['[T1] text that is not JSON', [greeting, 'hello'], 'badFrame'],
    ['[T1] an unknown type', [greeting, '{"type":"mine"}'], 'unknownMessage'],
    ['[T1] a message of the relay', [greeting, '{"type":"drain","reconnectMs":1}'], 'unknownMessage'],
    ['[T2] a field out of its range', [JSON.stringify({ ...hello, slots: 65 })], 'badFrame'],
    ['[M2] a control message over the limit', [greeting, 'x'.repeat(MAX_CONTROL_BYTES + 1)], 'frameTooLarge'],
    ['[F5] an empty frame', [greeting, new Uint8Array(0)], 'badFrame'],
    ['[F5] a truncated frame', [greeting, encodeResults([result]).subarray(0, 20)], 'badFrame'],
    [
      '[F5] a frame with trailing bytes',
      [greeting, new Uint8Array([...encodeResults([result]), 0])],
      'badFrame',
    ],
    ['[F5] a frame of the other direction', [greeting, encodeLeases([lease])], 'unknownMessage'],
    ['[F5] a frame of an unknown type', [greeting, poked(0, 9)], 'unknownMessage'],
    ['[F5] a frame of another version', [greeting, poked(1, 2)], 'wrongVersion'],
    ['[F5] a reserved byte', [greeting, poked(30, 1)], 'badFrame'],
  ]
  for (const [name, frames, reason] of refused) {
    const [ids, what] = [name.slice(0, name.lastIndexOf(']') + 1), name.slice(name.lastIndexOf(']') + 2)]
    it(`${ids} [C1] is closed by name for ${what}`, async () => {
      const { code, error } = closeCodes[reason]
      expect(await refusalOf(...frames)).toEqual({ code, reason: error, errors: [error] })
      expect((await relay.get('/readyz')).status).toBe(200)
    })
  }

  it('[M1] is closed with 1009 for a binary frame over the limit', async () => {
    const { code } = await refusalOf(greeting, new Uint8Array(MAX_FRAME_BYTES + 1))
    expect(code).toBe(1009)
    expect((await relay.get('/readyz')).status).toBe(200)
  })

  it('[H3] takes an address in lower case', async () => {
    const tab = await relay.tab(ALICE.toLowerCase())
    const { tabs } = (await relay.get('/v1/network')).json
    expect(tabs.find(({ id }: { id: string }) => id === tab.id).address).toBe(ALICE)
    tab.leave()
    await tab.closed
  })

  it('[H4] is refused to a banned address, and closed when it is banned', async () => {
    const tab = await relay.tab(BOB)
    expect((await relay.admin('POST', `/admin/accounts/${BOB}/ban`)).json).toEqual({
      address: BOB,
      banned: true,
    })
    expect(await tab.closed).toBe(closeCodes.accountBanned.code)
    expect(tab.error?.code).toBe('account_banned')
    const again = relay.connect(BOB)
    expect(await again.closed).toBe(closeCodes.accountBanned.code)
    await relay.admin('POST', `/admin/accounts/${BOB}/unban`)
    const third = await relay.tab(BOB)
    third.leave()
    await third.closed
  })

  it('[H8] is closed as replaced when its tab comes back while it stands', async () => {
    const tab = await relay.tab(ALICE)
    const back = await relay.tab(ALICE, { resume: tab.resume })
    expect(back.id).toBe(tab.id)
    expect(await tab.closed).toBe(closeCodes.replaced.code)
    expect((await relay.get('/v1/network')).json.tabs.map(({ id }: { id: string }) => id)).toContain(tab.id)
    back.leave()
    await back.closed
  })

  /** The HTTP answer to an upgrade that is refused. */
  const upgrade = (
    path: string,
    headers: Record<string, string>,
  ): Promise<{ status: number; body: string }> =>
    new Promise((resolve, reject) => {
      const asked = request(`${relay.url}${path}`, {
        headers: {
          connection: 'Upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
          ...headers,
        },
      })
      asked.on('upgrade', (_answer, socket) => {
        socket.destroy()
        resolve({ status: 101, body: '' })
      })
      asked.on('response', (answer) => {
        let body = ''
        answer.on('data', (chunk) => {
          body += String(chunk)
        })
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }))
      })
      asked.on('error', reject)
      asked.end()
    })

  it('[H9] is refused to pages of another origin before the upgrade', async () => {
    for (const origin of ['https://evil.example', 'null', 'file://', `${relay.url}.evil.example`]) {
      const { status, body } = await upgrade('/tab', { origin })
      expect([status, JSON.parse(body).error.code]).toEqual([403, 'bad_origin'])
    }
    expect((await upgrade('/tab', { origin: relay.url })).status).toBe(101)
    expect((await upgrade('/tab', {})).status).toBe(101)
    expect((await upgrade('/other', {})).status).toBe(404)
  })

  it('[M3] is refused to the 257th of one IP address, until one of them is gone', async () => {
    const open: Awaited<ReturnType<typeof bare>>[] = []
    let refusedAt = 0
    for (let i = 1; i <= MAX_TABS_PER_IP + 1 && refusedAt === 0; i++) {
      await bare().then(
        (socket) => open.push(socket),
        () => {
          refusedAt = i
        },
      )
    }
    // Connections of other tests may still be closing.
    expect(refusedAt).toBeGreaterThan(MAX_TABS_PER_IP - 10)
    expect(refusedAt).toBeLessThanOrEqual(MAX_TABS_PER_IP + 1)
    const { status, body } = await upgrade('/tab', {})
    expect([status, JSON.parse(body).error.code]).toEqual([429, 'too_many_tabs'])
    for (const { socket } of open) socket.terminate()
    await Promise.all(open.map(({ closed }) => closed))
    let status2 = 429
    while (status2 === 429) status2 = (await upgrade('/tab', {})).status
    expect(status2).toBe(101)
  })
})

describe('results over a socket', () => {
  let tab: SimulatedTab
  let leases: Lease[]
  let leased: Promise<Lease>
  beforeEach(() => {
    leases = []
  })
  const hold = async (address: string): Promise<void> => {
    let arrived: (lease: Lease) => void = () => {}
    leased = new Promise((resolve) => {
      arrived = resolve
    })
    tab = await relay.tab(address, {
      work: (got) => {
        leases.push(...got)
        arrived(got[0]!)
      },
    })
  }
  const address = (n: number): string => `0x${n.toString(16).padStart(40, '0')}`

  it('[L3] credits one result, and nothing for forged, replayed and late ones', async () => {
    await hold(address(11))
    const thief = await relay.tab(address(12), { kernels: [] })
    const id = await relay.submit(smallProduct(1, 1))
    const lease = await leased
    const right = computeLease(lease)
    thief.sendResults([right])
    tab.sendResults([
      { ...right, generation: right.generation + 1 },
      { ...right, task: right.task + 8192 },
    ])
    tab.sendResults([right, right])
    tab.sendResults([right])
    expect((await relay.ended(id)).state).toBe('done')
    thief.sendResults([right])
    tab.sendResults([right])
    tab.vanish()
    const late = await relay.tab(address(11), { resume: tab.resume, work: () => {} })
    late.sendResults([right])
    await relay.until(
      '/metrics',
      ({ text }) => Number(/opentab_results_ignored_total (\d+)/.exec(text)?.[1]) >= 7,
    )
    expect([await credit(address(11)), await credit(address(12))]).toEqual(['1', '0'])
    expect((await relay.get('/readyz')).status).toBe(200)
    for (const other of [thief, late]) {
      other.leave()
      await other.closed
    }
  })

  it('[L3] closes on the first malformed frame, credits nothing for it, and gives the task to another', async () => {
    await hold(address(13))
    const id = await relay.submit(smallProduct(2, 1))
    const frame = encodeResults([computeLease(await leased)])
    tab.socket.send(frame.subarray(0, frame.byteLength - 1))
    tab.socket.send(frame)
    expect(await tab.closed).toBe(closeCodes.badFrame.code)
    const honest = await relay.tab(address(14))
    expect((await relay.ended(id)).state).toBe('done')
    expect([await credit(address(13)), await credit(address(14))]).toEqual(['0', '1'])
    honest.leave()
    await honest.closed
  })

  it('[R6] come with verdicts within a second, and credits that settle', async () => {
    const heard: FromRelay[] = []
    let settled = (): void => {}
    const done = new Promise<void>((resolve) => {
      settled = resolve
    })
    const worker = await relay.tab(address(15), {
      onMessage: (message) => {
        heard.push(message)
        if (message.type === 'credits' && message.settled === '1') settled()
      },
      work: defaultWork,
    })
    const job = await relay.ended(await relay.submit(smallProduct(3, 1)))
    await done
    const verdicts = heard.filter((message) => message.type === 'verdicts').flatMap(({ items }) => items)
    expect(verdicts).toMatchObject([{ verdict: 'freivalds', microCredits: '1', receipt: job.receipts[0] }])
    worker.leave()
    await worker.closed
  })
})
