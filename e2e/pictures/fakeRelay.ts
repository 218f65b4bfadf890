import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { privateKeyToAccount } from 'viem/accounts'
import type { NetworkDocument } from '../../protocol/network.ts'
import { encodeReceipt, type Receipt, type Verdict } from '../../protocol/receipt.ts'
import { receiptTypedData } from '../../protocol/tlog/receiptTypedData.ts'
import { answerChat } from './fakeAnswer.ts'

/** The address whose account the fake relay knows; an example of EIP-55. */
export const ADDRESS = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
const ORIGIN = 'opentab-1f2e3d4c/log'
const NOW = Date.now()

const sha256 = (...parts: (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
const hexOf = (text: string) => sha256(text).toString('hex')
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

/** Policies that the relay serves its pages with. */
export const pageHeaders = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self' 'wasm-unsafe-eval'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
}

const keys = generateKeyPairSync('ed25519')
const typedKey = Buffer.concat([
  Buffer.from([1]),
  keys.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32),
])
const keyId = sha256(`${ORIGIN}\n`, typedKey).subarray(0, 4)
const vkey = `${ORIGIN}+${keyId.toString('hex')}+${base64(typedKey)}`

const verdicts: Verdict[] = ['unsampled', 'recomputed', 'freivalds', 'unsampled', 'rejected']
const receipts: (Receipt & { at: string })[] = Array.from({ length: 120 }, (_, n) => {
  const verdict = verdicts[n % 5]!
  const kernel = verdict === 'freivalds'
  return {
    v: 1,
    id: `r_${hexOf(`id ${n}`).slice(0, 12)}`,
    relay: ORIGIN,
    task: `t_${hexOf(`task ${n}`).slice(0, 12)}`,
    kind: kernel ? 'kernel' : 'infer',
    subject: hexOf(kernel ? 'kernel' : `model ${n % 2}`),
    input: hexOf(`input ${n}`),
    output: hexOf(`output ${n}`),
    seed: kernel ? 7 + n : null,
    deviceClass: 'google-swiftshader-156',
    lane: kernel ? 'exact' : 'float',
    verdict,
    operations: 1_204_311_000,
    microCredits: verdict === 'rejected' ? '0' : String(1_204_311 + n * 1000),
    account: ADDRESS,
    previous: n === 119 ? null : `r_${hexOf(`id ${n + 1}`).slice(0, 12)}`,
    at: new Date(NOW - n * 1_500_000).toISOString(),
  }
})

/** A log of two entries: the receipt and a stranger's, so that the proof has a hash in it. */
async function documentOf({ at: _, ...receipt }: Receipt & { at: string }): Promise<unknown> {
  const entry = Buffer.from(encodeReceipt(receipt))
  const other = sha256('another entry')
  const root = sha256(new Uint8Array([1]), sha256(new Uint8Array([0]), entry), other)
  const text = `${ORIGIN}\n2\n${base64(root)}\n`
  const signature = Buffer.concat([keyId, sign(null, Buffer.from(text), keys.privateKey)])
  const proof = `c2sp.org/tlog-proof@v1\nindex 0\n${base64(other)}\n\n${text}\n— ${ORIGIN} ${base64(signature)}\n`
  const wallet = privateKeyToAccount(`0x${'11'.repeat(32)}`)
  const typed = receiptTypedData(receipt)
  // viem wants the integers of the message as bigint or string alike, and types only bigint.
  const signTypedData = wallet.signTypedData as (data: unknown) => Promise<string>
  const eip712 = { ...typed, signature: await signTypedData(typed), signer: wallet.address }
  return { id: receipt.id, receipt, entry: base64(entry), index: 0, proof, eip712 }
}

const network: NetworkDocument = {
  tabs: [
    ['working', 'apple-metal-3-156', 'webgpu'],
    ['working', 'nvidia-ampere-156', 'webgpu'],
    ['idle', 'google-swiftshader-156', 'wasm'],
    ['paused', 'intel-gen-12lp-155', 'webgpu'],
    ['idle', 'google-swiftshader-156', 'wasm'],
  ].map(([state, deviceClass, backend], n) => ({
    id: `t_${n}`,
    address: n === 0 ? ADDRESS : `0x${hexOf(`tab ${n}`).slice(0, 40)}`,
    deviceClass: deviceClass!,
    backend: backend!,
    state: state as 'working',
    models: n === 3 ? [] : ['pp-ocrv4', 'all-minilm-l6-v2'].slice(0, 1 + (n % 2)),
    tasks: 214 - n * 31,
  })),
  queue: { queued: 12, leased: 3, kinds: { infer: 9, kernel: 3 } },
  totals: { tasks: 48_211, microCredits: '61204118293', tasksToday: 1_204 },
  models: [
    { id: 'pp-ocrv4', bytes: 16_100_000, tabs: 4, ready: true },
    { id: 'all-minilm-l6-v2', bytes: 22_900_000, tabs: 2, ready: true },
    {
      ...{ id: 'smollm2-135m-instruct', kind: 'chat', bytes: 94_000_000, tabs: 3, ready: true },
      ...{ tabsWhole: 3, stages: 3, stagesHeld: 3, mode: 'whole' },
    },
    {
      ...{ id: 'shared-1b', kind: 'chat', bytes: 700_000_000, tabs: 3, ready: true },
      ...{ tabsWhole: 0, stages: 3, stagesHeld: 3, mode: 'shared' },
    },
    {
      ...{
        id: 'a-model-with-a-rather-long-name-7b',
        kind: 'chat',
        bytes: 4_000_000_000,
        tabs: 1,
        ready: false,
      },
      ...{ tabsWhole: 0, stages: 8, stagesHeld: 2, mode: 'none' },
    },
  ],
  verdicts: { freivalds: 41, recomputed: 12, unsampled: 44, rejected: 1 },
  relay: { name: 'opentab-1f2e3d4c', version: '0.1.0' },
}

const types: Record<string, string> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.html': 'text/html; charset=utf-8',
}

/** What one path answers, JSON. */
async function answer(url: URL): Promise<{ status: number; body: unknown } | null> {
  const ok = (body: unknown, status = 200) => ({ status, body })
  const missing = (message: string) =>
    ok({ error: { message, type: 'invalid_request_error', param: null, code: 'not_found' } }, 404)
  const { pathname } = url
  if (pathname === '/v1/network') return ok(network)
  if (pathname === '/v1/models') {
    const data = network.models?.map(({ id, ...opentab }) => ({ id, object: 'model', opentab }))
    return ok({ object: 'list', data })
  }
  if (pathname === `/v1/accounts/${ADDRESS}`) {
    return ok({
      address: ADDRESS,
      credits: { pending: '412903118', escrow: '0', settled: '12847220001', paid: '0' },
      tasks: { completed: 96, rejected: 24 },
      receipts: { count: receipts.length, latest: receipts[0]!.id },
    })
  }
  if (pathname === `/v1/accounts/${ADDRESS}/receipts`) {
    const from = Number(url.searchParams.get('cursor') ?? 0)
    const to = from + Number(url.searchParams.get('limit') ?? 50)
    return ok({ data: receipts.slice(from, to), next: to < receipts.length ? String(to) : null })
  }
  if (pathname.startsWith('/v1/receipts/')) {
    const found = receipts.find(({ id }) => pathname.endsWith(id))
    return found === undefined
      ? missing(`There is no receipt ${pathname.slice(13)}`)
      : ok(await documentOf(found))
  }
  if (pathname.startsWith('/v1/')) return missing(`There is nothing under ${pathname}`)
  return null
}

/** A relay without tabs or tasks: serves a built site and invented figures, for pictures. Port 0. */
export async function startFakeRelay(dist: string, options: { stream: boolean }): Promise<Server> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fake')
    const served =
      url.pathname === '/v1/chat/completions'
        ? answerChat(
            request,
            response,
            pageHeaders,
            receipts.slice(1, 61).map(({ id }) => id),
          )
        : serve(url, request.headers.accept ?? '', response)
    served.catch(() => {
      response.writeHead(500).end()
    })
  })
  async function serve(url: URL, accept: string, response: ServerResponse): Promise<void> {
    if (url.pathname === '/v1/network' && accept.includes('text/event-stream')) {
      if (!options.stream) {
        response.writeHead(404).end()
        return
      }
      response.writeHead(200, { 'content-type': 'text/event-stream', ...pageHeaders })
      response.write(`event: network\ndata: ${JSON.stringify(network)}\n\n`)
      return
    }
    const json = await answer(url)
    if (json !== null) {
      response.writeHead(json.status, { 'content-type': 'application/json', ...pageHeaders })
      response.end(JSON.stringify(json.body))
      return
    }
    if (url.pathname === '/log/vkey' || url.pathname === '/log/checkpoint') {
      const text =
        url.pathname === '/log/vkey' ? `${vkey}\n` : `${ORIGIN}\n48211\n${base64(sha256('root'))}\n`
      response.writeHead(200, {
        'content-type': 'text/plain',
        'last-modified': new Date(NOW - 9_000).toUTCString(),
        ...pageHeaders,
      })
      response.end(text)
      return
    }
    const file = extname(url.pathname) === '' ? '/index.html' : normalize(url.pathname)
    const bytes = await readFile(join(dist, file)).catch(() => null)
    response.writeHead(bytes === null ? 404 : 200, {
      'content-type': types[extname(file)] ?? 'text/plain',
      ...pageHeaders,
    })
    const meta = '<meta name="opentab-relay" content="opentab-1f2e3d4c 0.1.0">'
    response.end(file === '/index.html' ? String(bytes).replace('<!--opentab-head-->', meta) : bytes)
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
