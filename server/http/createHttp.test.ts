import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ErrorCode, errorCatalogue, OpentabError } from '../../protocol/errors.ts'
import { ADMIN_TOKEN, FixtureRelay, smallProduct } from '../fixtureRelay.ts'
import { ALICE } from '../placement/fakeTab.ts'
import { errorBody } from './errorBody.ts'

const json = { 'content-type': 'application/json' }

let relay: FixtureRelay
beforeAll(async () => {
  relay = await FixtureRelay.open({ MAX_BODY_BYTES: '100000', QUEUE_WAIT_MS: '200' })
})
afterAll(() => relay.close())

describe('errors', () => {
  it('have OpenAI’s shape, a request id and whether to retry', async () => {
    const answer = await relay.post('/v1/jobs', { kind: 'kernel', kernel: 'matmul-i9' })
    expect(answer.status).toBe(400)
    expect(answer.json).toEqual({
      error: {
        message: 'There is no kernel "matmul-i9". Kernels are matmul-i8, matmul-f32.',
        type: 'invalid_request_error',
        param: 'kernel',
        code: 'invalid_value',
      },
    })
    expect(answer.headers.get('x-request-id')).toMatch(/^req_[\w-]{12}$/)
    expect(answer.headers.get('x-should-retry')).toBe('false')
    expect(answer.headers.get('retry-after')).toBe(null)
  })

  const wrong: [string, string, string, unknown, number, string, string | null][] = [
    ['an unknown path', 'GET', '/v1/nothing', undefined, 404, 'not_found', null],
    ['an unknown job', 'GET', `/v1/jobs/job_1_${'a'.repeat(20)}`, undefined, 404, 'not_found', null],
    ['a job id that is none', 'GET', '/v1/jobs/1', undefined, 404, 'not_found', null],
    ['an unknown receipt', 'GET', '/v1/receipts/rcpt_1_1', undefined, 404, 'not_found', null],
    ['an unknown model', 'GET', '/v1/models/gpt', undefined, 404, 'model_not_found', 'model'],
    [
      'an unknown model in v2',
      'POST',
      '/v2/models/gpt/infer',
      { inputs: [] },
      404,
      'model_not_found',
      'model',
    ],
    [
      'embeddings without their model',
      'POST',
      '/v1/embeddings',
      { model: 'm', input: 'a' },
      404,
      'model_not_found',
      'model',
    ],
    ['an unknown blob', 'GET', `/blobs/${'0'.repeat(64)}`, undefined, 404, 'not_found', null],
    ['a blob that is no hash', 'GET', '/blobs/..%2f..%2fadmin-token', undefined, 404, 'not_found', null],
    ['a path that cannot be decoded', 'GET', '/v1/jobs/%m5', undefined, 400, 'invalid_value', null],
    ['an unknown tile', 'GET', '/log/tile/0/999', undefined, 404, 'not_found', null],
    ['an address that is none', 'GET', '/v1/accounts/0x12', undefined, 400, 'invalid_value', 'address'],
    [
      'a wrong checksum',
      'GET',
      `/v1/accounts/${ALICE.replace('5a', '5A')}`,
      undefined,
      400,
      'invalid_value',
      'address',
    ],
    [
      'a limit of 0',
      'GET',
      `/v1/accounts/${ALICE}/receipts?limit=0`,
      undefined,
      400,
      'invalid_value',
      'limit',
    ],
    [
      'a limit of 201',
      'GET',
      `/v1/accounts/${ALICE}/receipts?limit=201`,
      undefined,
      400,
      'invalid_value',
      'limit',
    ],
    [
      'a cursor of nobody',
      'GET',
      `/v1/accounts/${ALICE}/receipts?cursor=rcpt_1_1`,
      undefined,
      400,
      'invalid_value',
      'cursor',
    ],
    [
      'an unknown format',
      'GET',
      '/v1/receipts/rcpt_1_1?format=pdf',
      undefined,
      400,
      'invalid_value',
      'format',
    ],
    ['a body that is not JSON', 'POST', '/v1/jobs', '{', 400, 'invalid_value', null],
    ['a body that is a list', 'POST', '/v1/jobs', [], 400, 'invalid_value', null],
    ['a body without a kind', 'POST', '/v1/jobs', {}, 400, 'invalid_value', 'kind'],
    ['an unknown kind', 'POST', '/v1/jobs', { kind: 'dance' }, 400, 'invalid_value', 'kind'],
    [
      'an unknown field',
      'POST',
      '/v1/jobs',
      { ...smallProduct(), fast: true },
      400,
      'unsupported_parameter',
      'fast',
    ],
    [
      'a seed and inputs',
      'POST',
      '/v1/jobs',
      { ...smallProduct(), inputs: [{ name: 'a', datatype: 'INT8', shape: [1], data: [1] }] },
      400,
      'invalid_value',
      'seed',
    ],
    [
      'a shape of 0',
      'POST',
      '/v1/jobs',
      { ...smallProduct(), shape: { m: 0, k: 1, n: 1 } },
      400,
      'invalid_value',
      'shape',
    ],
    [
      'a custom kernel without its entry point',
      'POST',
      '/v1/jobs',
      { kind: 'kernel', program: 'x' },
      400,
      'invalid_value',
      'entryPoint',
    ],
    [
      'a chat job without a model',
      'POST',
      '/v1/jobs',
      { kind: 'chat', body: {} },
      400,
      'invalid_value',
      'model',
    ],
    [
      'a body that is not UTF-8',
      'POST',
      '/v1/jobs',
      Uint8Array.of(0x22, 0xff, 0x22),
      400,
      'invalid_value',
      null,
    ],
    [
      'a batch with a wrong task',
      'POST',
      '/v1/jobs',
      { kind: 'batch', tasks: [smallProduct(), { kind: 'kernel' }] },
      400,
      'invalid_value',
      'tasks[1].kernel',
    ],
    [
      'a batch with a task that is none',
      'POST',
      '/v1/jobs',
      { kind: 'batch', tasks: [7] },
      400,
      'invalid_value',
      'tasks[0]',
    ],
    ['a picture that is none', 'POST', '/v1/ocr', 'text', 400, 'invalid_value', 'content-type'],
  ]
  it.each(wrong)('name %s', async (_, method, path, body, status, code, param) => {
    const headers: Record<string, string> =
      typeof body === 'string' || body instanceof Uint8Array
        ? { 'content-type': path === '/v1/ocr' ? 'text/plain' : 'application/json' }
        : {}
    const answer = await relay.call(method, path, body, headers)
    expect([answer.status, answer.json?.error.code, answer.json?.error.param]).toEqual([status, code, param])
    expect(answer.json.error.message.length).toBeGreaterThan(20)
    expect(JSON.stringify(answer.json)).not.toMatch(/node_modules|\.ts:|at Object/)
  })

  it('have the same shape for what is not HTTP at all', async () => {
    const { hostname, port } = new URL(relay.url)
    const socket = connect(Number(port), hostname)
    socket.end('HELLO / THERE\r\n\r\n')
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    const [head, body] = text.split('\r\n\r\n')
    expect(head).toContain('HTTP/1.1 400 Bad Request')
    expect(JSON.parse(body!).error).toMatchObject({ code: 'invalid_value', type: 'invalid_request_error' })
  })

  it('name the limit and the size of a body over it', async () => {
    const whole = await relay.post('/blobs', new Uint8Array(100_001))
    expect([whole.status, whole.json.error.code]).toEqual([413, 'body_too_large'])
    expect(whole.json.error.message).toContain('has 100001 bytes; this relay takes at most 100000.')
    // Sent in chunks, a body does not say how long it is.
    const chunked = await fetch(`${relay.url}/blobs`, {
      method: 'POST',
      body: new Blob([new Uint8Array(150_000)]).stream(),
      duplex: 'half',
    } as RequestInit)
    expect(chunked.status).toBe(413)
    expect(await chunked.text()).toContain('has more than 100000 bytes; this relay takes at most 100000.')
  })

  it('speak of a named field only where one is named', async () => {
    for (const code of Object.keys(errorCatalogue) as ErrorCode[]) {
      expect(errorBody(new OpentabError(code)).error.message).not.toMatch(/named (field|setting)/)
    }
    const { error } = errorBody(new OpentabError('invalid_value', 'It is 7.', { param: 'size' }))
    expect(error.message).toBe('It is 7. Correct the named field.')
    expect((await relay.call('POST', '/v1/jobs', '{', json)).json.error).toEqual({
      message:
        'The request body is not valid JSON. Send a JSON object; look for a missing quote, comma or bracket.',
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_value',
    })
  })

  it('tell JSON with a forbidden name from what is no JSON', async () => {
    for (const body of [
      '{"__proto__": 1}',
      '{"a": [{"\\u005f_proto__": {}}]}',
      '{"constructor": {"prototype": 1}}',
    ])
      expect((await relay.call('POST', '/v1/jobs', body, json)).json.error).toMatchObject({
        code: 'invalid_value',
        message: expect.stringMatching(/^The request body has a field `__proto__`, or .* Leave it out/),
      })
  })

  it('name what only a later version can do: confidence and dry runs', async () => {
    const tensor = { name: 'x', datatype: 'FP32', shape: [1], data: [1] }
    const opentab = { confidence: 2 }
    const asked: [string, unknown, string][] = [
      ['/v1/jobs', { ...smallProduct(), opentab }, 'opentab.confidence'],
      [
        '/v1/jobs',
        { kind: 'embeddings', body: { model: 'm', input: 'a', opentab } },
        'body.opentab.confidence',
      ],
      ['/v1/embeddings', { model: 'm', input: 'a', opentab }, 'opentab.confidence'],
      ['/v1/embeddings', { model: 'm', input: 'a', opentab: { dry_run: true } }, 'opentab.dry_run'],
      ['/v1/ocr', { image: 'AAAA', opentab }, 'opentab.confidence'],
      ['/v2/models/m/infer', { inputs: [tensor], opentab }, 'opentab.confidence'],
      ['/v1/embeddings', { model: 'm', input: 'a', opentab: {} }, 'opentab'],
    ]
    for (const [path, body, param] of asked) {
      const { status, json } = await relay.post(path, body)
      expect([status, json.error.code, json.error.param], path).toEqual([400, 'unsupported_parameter', param])
      expect(json.error.message).toContain(`\`${param}\``)
    }
    for (const [path, body] of [
      ...asked.map(([path]) => [path, {}] as const),
      ['/v1/ocr', new Uint8Array(9)],
    ]) {
      const { status, json } = await relay.post(path as string, body, { 'x-opentab-confidence': '0.99' })
      expect([status, json.error.code, json.error.param], String(path)).toEqual([
        400,
        'unsupported_parameter',
        'x-opentab-confidence',
      ])
    }
  })

  it('name a tensor whose data does not fit', async () => {
    const inputs = [
      { name: 'a', datatype: 'INT8', shape: [2, 2], data: [1, 2, 3, 400] },
      { name: 'b', datatype: 'INT8', shape: [2, 2], base64: 'AQIDBA==' },
    ]
    const job = { kind: 'kernel', kernel: 'matmul-i8', shape: { m: 2, k: 2, n: 2 } }
    const answer = await relay.post('/v1/jobs', { ...job, inputs })
    expect(answer.json.error).toMatchObject({ code: 'invalid_value', param: 'inputs' })
    expect(answer.json.error.message).toContain('Tensor a: element 3 is 400, not INT8')
    const missing = await relay.post('/v1/jobs', { ...job, inputs: [{ ...inputs[1], blob: 'a'.repeat(64) }] })
    expect(missing.json.error.message).toContain('2 of data, base64 and blob')
  })
})

describe('health', () => {
  it('answers live and ready', async () => {
    expect((await relay.get('/livez')).json).toEqual({ status: 'ok' })
    expect((await relay.get('/readyz')).json).toEqual({ status: 'ready' })
    expect((await relay.get('/v2/health/ready')).json).toEqual({ ready: true })
  })

  it('lists no models on an empty folder', async () => {
    expect((await relay.get('/v1/models')).json).toEqual({ object: 'list', data: [] })
  })

  it('shows metrics for Prometheus, the ledger’s sum among them', async () => {
    const { text, headers } = await relay.get('/metrics')
    expect(headers.get('content-type')).toContain('text/plain')
    expect(text).toMatch(/^opentab_ledger_sum 0$/m)
    expect(text).toMatch(/^opentab_tabs 0$/m)
    expect(text).toMatch(/^process_resident_memory_bytes \d+/m)
  })

  it('shows the network', async () => {
    const { json } = await relay.get('/v1/network')
    expect(json).toMatchObject({ tabs: [], queue: { leased: 0 }, totals: { tasks: 0, microCredits: '0' } })
  })
})

describe('blobs', () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i & 255)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const range = (value: string) => relay.get(`/blobs/${sha256}`, { range: value })

  it('are named by their hash, whatever their type is called', async () => {
    for (const type of ['application/octet-stream', 'image/png', 'model/onnx', '']) {
      const answer = await relay.post('/blobs', bytes, type === '' ? {} : { 'content-type': type })
      expect([answer.status, answer.json]).toEqual([201, { sha256, bytes: 1000 }])
    }
  })

  it('come whole, immutable, with their hash as etag', async () => {
    const answer = await fetch(`${relay.url}/blobs/${sha256}`)
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(bytes)
    expect(answer.headers.get('etag')).toBe(`"${sha256}"`)
    expect(answer.headers.get('cache-control')).toContain('immutable')
    expect(answer.headers.get('accept-ranges')).toBe('bytes')
  })

  it('come in ranges', async () => {
    for (const [asked, first, last] of [
      ['bytes=0-9', 0, 9],
      ['bytes=990-', 990, 999],
      ['bytes=-10', 990, 999],
      ['bytes=500-5000', 500, 999],
    ] as const) {
      const answer = await fetch(`${relay.url}/blobs/${sha256}`, { headers: { range: asked } })
      expect(answer.status).toBe(206)
      expect(answer.headers.get('content-range')).toBe(`bytes ${first}-${last}/1000`)
      expect(new Uint8Array(await answer.arrayBuffer())).toEqual(bytes.slice(first, last + 1))
    }
  })

  it('refuse a range that is not there, and ignore one that is none', async () => {
    for (const asked of ['bytes=1000-', 'bytes=-0']) {
      const answer = await range(asked)
      expect([answer.status, answer.headers.get('content-range')]).toEqual([416, 'bytes */1000'])
    }
    for (const asked of ['bytes=9-1', 'bytes=-', 'items=0-1', 'bytes=0-1,3-4'])
      expect((await range(asked)).status).toBe(200)
  })

  it('are not sent again to those who have them', async () => {
    const answer = await relay.get(`/blobs/${sha256}`, { 'if-none-match': `"x", "${sha256}"` })
    expect([answer.status, answer.text]).toEqual([304, ''])
    const changed = await relay.get(`/blobs/${sha256}`, { range: 'bytes=0-9', 'if-range': '"other"' })
    expect(changed.status).toBe(200)
  })

  it('can be a job’s inputs', async () => {
    const tab = await relay.tab(ALICE)
    const [a, b] = [Uint8Array.of(1, 2, 3, 4), Uint8Array.of(255, 0, 0, 1)]
    const [blobA, blobB] = [await relay.post('/blobs', a), await relay.post('/blobs', b)]
    const inputs = [
      { name: 'b', datatype: 'INT8', shape: [2, 2], blob: blobB.json.sha256 },
      { name: 'a', datatype: 'INT8', shape: [2, 2], blob: blobA.json.sha256 },
    ]
    const id = await relay.submit({
      kind: 'kernel',
      kernel: 'matmul-i8',
      shape: { m: 2, k: 2, n: 2 },
      inputs,
    })
    expect((await relay.ended(id)).result?.outputs?.[0]?.data).toEqual([-1, 2, -3, 4])
    tab.leave()
    await tab.closed
  })
})

describe('who may ask', () => {
  it('anybody where no key is required, with any authorization', async () => {
    expect((await relay.get('/v1/jobs/x', { authorization: 'Bearer anything' })).status).toBe(404)
  })

  it('only the operator under /admin', async () => {
    for (const authorization of ['', 'Bearer wrong', `Basic ${ADMIN_TOKEN}`, `Bearer ${ADMIN_TOKEN}x`]) {
      const answer = await relay.get('/admin/status', { authorization })
      expect([answer.status, answer.json.error.code]).toEqual([401, 'invalid_api_key'])
    }
    expect((await relay.admin('GET', '/admin/status')).json).toMatchObject({ ledgerSum: '0', tabs: 0 })
  })
})
