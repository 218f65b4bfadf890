import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { runCommandLine } from '../opentab.ts'
import { projectRoot } from '../setup/places.mjs'

let server: Server
/** Called when a request for an answer is there that the relay keeps waiting. */
let onWaiting: (request: IncomingMessage) => void = () => {}
let asked: Record<string, unknown>[] = []
let models: { id: string; opentab: { kind: string; ready: boolean } }[] = []

const chunk = (delta: object, rest: object = {}, more: object = {}): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, ...rest }], ...more })}\n\n`
const usage = { choices: [], usage: { prompt_tokens: 9, completion_tokens: 2 } }

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = ''
  for await (const bytes of request) text += String(bytes)
  return JSON.parse(text)
}

beforeEach(async () => {
  asked = []
  models = [
    { id: 'ocr', opentab: { kind: 'ocr', ready: true } },
    { id: 'asleep', opentab: { kind: 'chat', ready: false } },
    { id: 'awake', opentab: { kind: 'chat', ready: true } },
  ]
  server = createServer(async (request, response) => {
    if (request.url === '/v1/models') return response.end(JSON.stringify({ data: models }))
    if (request.url !== '/v1/chat/completions') return response.writeHead(404).end('{}')
    const body = await bodyOf(request)
    asked.push({ ...body, authorization: request.headers.authorization })
    if (body.model === 'nowhere') {
      const error = { message: 'No model is called nowhere.', code: 'model_not_found' }
      return response.writeHead(404).end(JSON.stringify({ error }))
    }
    if (body.model === 'locked' && request.headers.authorization !== 'Bearer right') {
      const error = { message: 'No API key came with the request. Send a header.', code: 'invalid_api_key' }
      return response.writeHead(401).end(JSON.stringify({ error }))
    }
    if (body.model === 'asleep') {
      if (body.seed === 1) return onWaiting(request)
      const error = { message: 'No tab that holds asleep came free within 30 s.', code: 'no_tab_available' }
      return response.writeHead(503).end(JSON.stringify({ error }))
    }
    if (body.stream !== true) return response.end(JSON.stringify({ id: 'c1', choices: [] }))
    if (body.model === 'hostile') {
      response.write(chunk({ content: '\u001b[2JHi\n:' }) + chunk({ content: ':error::fake' }))
      return response.end(`data: ${JSON.stringify(usage)}\n\ndata: [DONE]\n\n`)
    }
    response.write(chunk({ content: 'Good ' }) + chunk({ content: 'day' }))
    const reason = body.max_completion_tokens === 2 ? 'length' : 'stop'
    response.write(chunk({}, { finish_reason: reason }, { opentab: { receipts: ['rcpt_1'] } }))
    response.end(`data: ${JSON.stringify(usage)}\n\ndata: [DONE]\n\n`)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as { port: number }
  vi.stubEnv('OPENTAB_RELAY', `http://127.0.0.1:${port}`)
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  server.closeAllConnections()
  server.close()
})

async function opentab(...args: string[]) {
  const written = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text)
      return true
    })
  }
  const code = await runCommandLine(args)
  vi.restoreAllMocks()
  return { code, ...written }
}

it('writes the answer to stdout and its figures to stderr, from the model that can answer now', async () => {
  const { code, stdout, stderr } = await opentab('chat', 'Hello', 'there', '--seed', '3', '--api-key', 'sk')
  expect([code, stdout]).toEqual([0, 'Good day\n'])
  expect(stderr).toContain('9 tokens read, 2 written; receipt rcpt_1')
  expect(asked).toMatchObject([
    {
      model: 'awake',
      messages: [{ role: 'user', content: 'Hello there' }],
      seed: 3,
      stream: true,
      authorization: 'Bearer sk',
    },
  ])
})

it('lets no answer move the cursor or say a command of a build server, also in pieces', async () => {
  const { stdout } = await opentab('chat', '--model', 'hostile', 'Hello')
  expect(stdout).toBe('[2JHi\n: :error::fake\n')
})

it('says when the answer was cut by the limit, and only then', async () => {
  const cut = await opentab('chat', 'Hello', '--max-tokens', '2')
  expect([cut.code, cut.stdout]).toEqual([0, 'Good day\n'])
  expect(cut.stderr).toContain('The answer reached its limit of tokens and was cut; --max-tokens sets it.')
  expect((await opentab('chat', 'Hello')).stderr).not.toContain('cut')
})

it.each([[[]], [['--json']]])('names --api-key where the relay wants a key (%j)', async (flags) => {
  const ask = ['chat', '--model', 'locked', 'Hello', ...flags]
  const missing = await opentab(...ask)
  expect(missing.code).toBe(1)
  const said = missing.stdout + missing.stderr
  expect(said).toContain(
    flags.length > 0 ? 'invalid_api_key' : 'This relay wants an API key: give it with --api-key KEY.',
  )
  const wrong = await opentab(...ask, '--api-key', 'wrong')
  if (flags.length === 0) expect(wrong.stderr).toContain('The relay does not take this API key')
  expect((await opentab(...ask, '--api-key', 'right')).code).toBe(0)
})

it('prints the relay’s own document with --json', async () => {
  const { code, stdout } = await opentab('chat', '--json', '--model', 'awake', '--system', 'Short.', 'Hello')
  expect([code, stdout]).toEqual([0, `${JSON.stringify({ id: 'c1', choices: [] })}\n`])
  expect(asked[0]).toMatchObject({
    messages: [
      { role: 'system', content: 'Short.' },
      { role: 'user', content: 'Hello' },
    ],
  })
})

it('says what the relay says when it refuses, and what to do where there is no language model', async () => {
  const refused = await opentab('chat', '--model', 'nowhere', 'Hello')
  expect([refused.code, refused.stdout]).toEqual([1, ''])
  expect(refused.stderr).toContain('No model is called nowhere.')
  models = models.slice(0, 1)
  const none = await opentab('chat', 'Hello')
  expect(none.code).toBe(1)
  expect(none.stderr).toContain('opentab models pull smollm2-135m-instruct')
})

it('says at once that no tab can answer and how long it waits, and ends with the relay’s words', async () => {
  const { code, stdout, stderr } = await opentab('chat', '--model', 'asleep', 'Hello')
  expect([code, stdout]).toEqual([1, ''])
  const [first, second] = stderr.split('\n')
  expect(first).toMatch(/^No tab can answer with asleep now\. Waiting up to 30 s for one; open http/)
  expect(second).toContain('No tab that holds asleep came free within 30 s.')
})

it.each([[[]], [['--json']]])(
  'ends at once with 130 at Ctrl+C, and calls its request off (%j)',
  async (flags) => {
    const left = new Promise<void>((resolve) => {
      onWaiting = (request) => {
        request.socket.once('close', () => resolve())
        child.kill('SIGINT')
      }
    })
    const args = ['--import', './server/rawText.ts', 'cli/opentab.ts', 'chat', 'Hello', '--model', 'asleep']
    const child = spawn(process.execPath, [...args, '--seed', '1', ...flags], {
      cwd: projectRoot,
      stdio: 'ignore',
    })
    const [[code, signal]] = await Promise.all([once(child, 'exit'), left])
    expect([code, signal]).toEqual([130, null])
  },
)

it.each([[['']], [['  ', '']], [['--json', '']]])('%j is no question', async (args) => {
  const { code, stdout, stderr } = await opentab('chat', ...args)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain('The text is empty.')
  expect(asked).toEqual([])
})

it.each([
  [['--temperature', '3']],
  [['--temperature', 'hot']],
  [['--seed', '1.5']],
  [['--max-tokens', '0']],
  [['--json']],
])('%j is wrong usage', async (args) => {
  expect(await opentab('chat', ...args)).toMatchObject({ code: 2, stdout: '' })
  expect(asked).toEqual([])
})
