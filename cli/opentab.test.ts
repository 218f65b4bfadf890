import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { ADMIN_TOKEN, FixtureRelay } from '../server/fixtureRelay.ts'
import { runCommandLine } from './opentab.ts'

const ADA = '0x52908400098527886E0F7030069857D2E4169EE7'
const NOBODY = 'http://127.0.0.1:9'
let relay: FixtureRelay
let folder: string
let receiptId: string

beforeAll(async () => {
  relay = await FixtureRelay.open()
  const tab = await relay.tab(ADA)
  const product = { kind: 'kernel', kernel: 'matmul-i8', shape: { m: 4, k: 4, n: 4 }, seed: 1 }
  const job = await relay.ended(await relay.submit(product))
  receiptId = job.receipts[0]!
  await relay.until(`/v1/receipts/${receiptId}`, ({ status }) => status === 200)
  tab.leave()
})
afterAll(() => relay.close())

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opentab-cli-'))
  vi.stubEnv('OPENTAB_RELAY', relay.url)
  vi.stubEnv('OPENTAB_DATA', folder)
  vi.stubEnv('OPENTAB_ADMIN_TOKEN', ADMIN_TOKEN)
  vi.stubEnv('INIT_CWD', folder)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  await rm(folder, { recursive: true, force: true })
})

/** Runs a command in this process and keeps what it writes. */
async function opentab(...args: string[]) {
  let stdout = ''
  let stderr = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text)
    return true
  })
  const code = await runCommandLine(args)
  vi.restoreAllMocks()
  return { code, stdout, stderr, json: (): unknown => JSON.parse(stdout) }
}

const fetchReceipt = async (): Promise<string> => (await relay.get(`/v1/receipts/${receiptId}`)).text

it.each([
  [['nonsense']],
  [['account']],
  [['account', '0x12']],
  [['account', ADA, 'and more']],
  [['account', ADA, '--nonsense']],
  [['accounts']],
  [['accounts', 'ban']],
  [['accounts', 'ban', '0x12']],
  [['accounts', 'unban', ADA, 'and more']],
  [['accounts', 'banish', ADA]],
  [['keys', 'create']],
  [['keys', 'create', '--name', 'a', '--limit', '-1']],
  [['receipt', 'verify']],
  [['models', 'import', 'x.onnx']],
  [['models', 'import', 'x.onnx', '--name', 'x', '--rtol', 'much']],
  [['kernel', 'run']],
  [['kernel', 'run', 'x.kernel.json', '--wait', 'abc']],
  [['kernel', 'run', 'x.kernel.json', '--wait', '-1']],
  [['kernel', 'run', 'x.kernel.json', '--wait', 'Infinity']],
  [['lab', 'x.json']],
  [['ledger', 'verify']],
  [['models', 'calibrate', 'x']],
  [[]],
])('%j is wrong usage: exit code 2, nothing on stdout', async (args) => {
  const { code, stdout, stderr } = await opentab(...args)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).not.toBe('')
})

it('help and version are no failure', async () => {
  expect((await opentab('--help')).code).toBe(0)
  expect((await opentab('--version')).code).toBe(0)
  expect((await opentab('models', 'import', '--help')).stdout).toContain('--name')
})

it('an unknown setting stops it as wrong usage and names the nearest one', async () => {
  vi.stubEnv('OPENTAB_RELAI', 'x')
  const { code, stderr } = await opentab('status')
  expect(code).toBe(2)
  expect(stderr).toContain('OPENTAB_RELAY')
})

it('without a relay it fails and says how to start one', async () => {
  vi.stubEnv('OPENTAB_RELAY', NOBODY)
  const { code, stderr } = await opentab('status')
  expect(code).toBe(1)
  expect(stderr).toContain('npm start')
})

it('--json prints the body of the answer and nothing else', async () => {
  const { code, json } = await opentab('account', ADA, '--json')
  expect(code).toBe(0)
  expect(json()).toEqual((await relay.get(`/v1/accounts/${ADA}`)).json)
})

it('--json prints the relay’s error body when it refuses, with exit code 1', async () => {
  const { code, json } = await opentab('embed', 'hello', '--model', 'nope', '--json')
  expect(code).toBe(1)
  expect(json()).toMatchObject({ error: { code: 'model_not_found' } })
})

it('an account is shown in credits', async () => {
  const { stdout } = await opentab('account', ADA.toLowerCase())
  expect(stdout).toContain(ADA)
  expect(stdout).toContain('0.000001 credits')
  expect(stdout).toContain('1 completed')
})

it('makes, lists and revokes keys; the key itself is alone on stdout', async () => {
  const made = await opentab('keys', 'create', '--name', 'bob', '--limit', '1500000')
  expect(made.stdout).toMatch(/^sk-\S+\n$/)
  const listed = await opentab('keys', 'list')
  expect(listed.stdout).toMatch(/bob {2}valid, spent 0\.000000 credits, limit 1\.500000 credits/)
  expect(listed.stdout).not.toContain(made.stdout.trim())
  const id = listed.stdout.split(' ')[0]!
  expect((await opentab('keys', 'revoke', id)).code).toBe(0)
  expect((await opentab('keys', 'list')).stdout).toContain('revoked')
  expect((await opentab('keys', 'revoke', 'nope')).code).toBe(1)
})

it('admin commands without a token say where it would be', async () => {
  vi.stubEnv('OPENTAB_ADMIN_TOKEN', undefined)
  const { code, stderr } = await opentab('keys', 'list')
  expect(code).toBe(1)
  expect(stderr).toContain(join(folder, 'admin-token'))
})

it('admin commands take the token of the data folder', async () => {
  vi.stubEnv('OPENTAB_ADMIN_TOKEN', undefined)
  await writeFile(join(folder, 'admin-token'), `${ADMIN_TOKEN}\n`)
  expect((await opentab('keys', 'list')).code).toBe(0)
})

it('bans and unbans', async () => {
  expect((await opentab('accounts', 'ban', ADA, '--json')).json()).toEqual({ address: ADA, banned: true })
  expect((await opentab('accounts', 'unban', ADA)).stdout).toBe(`${ADA} may work again.\n`)
})

it.each(['ban', 'unban'])(
  'accounts %s that the relay refuses, or that reaches none, fails with 1',
  async (action) => {
    const wrongChecksum = ADA.replace('F', 'f')
    const refused = await opentab('accounts', action, wrongChecksum, '--json')
    expect([refused.code, refused.json()]).toEqual([
      1,
      { error: expect.objectContaining({ code: 'invalid_value', param: 'address' }) },
    ])
    expect(await opentab('accounts', action, wrongChecksum)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('does not match its checksum'),
    })
    vi.stubEnv('OPENTAB_ADMIN_TOKEN', 'another')
    expect(await opentab('accounts', action, ADA)).toMatchObject({ code: 1, stdout: '' })
    vi.stubEnv('OPENTAB_RELAY', NOBODY)
    expect(await opentab('accounts', action, ADA)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('npm start'),
    })
  },
)

it('status shows the public part also without the admin token', async () => {
  vi.stubEnv('OPENTAB_ADMIN_TOKEN', undefined)
  const { code, stderr, json } = await opentab('status', '--json')
  expect([code, stderr]).toEqual([0, ''])
  expect(json()).toMatchObject({ ready: true, admin: null, network: { totals: { tasks: 1 } } })
})

it('backs up beside where it was typed, and restores into another data folder', async () => {
  const { json } = await opentab('backup', 'relay.tgz', '--json')
  expect(json()).toMatchObject({ file: join(folder, 'relay.tgz'), logSize: 1 })
  const again = await opentab('backup', 'relay.tgz')
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('is there already')])
  const restored = await opentab('restore', 'relay.tgz', '--data', 'restored')
  expect(restored.stdout).toContain(join(folder, 'restored'))
  expect((await opentab('restore', 'relay.tgz', '--data', 'restored')).code).toBe(1)
  expect((await opentab('restore', 'missing.tgz', '--data', 'other')).code).toBe(1)
})

it('a model that is not there cannot be removed, one that no catalogue has cannot be pulled', async () => {
  expect((await opentab('models', 'remove', 'nope')).code).toBe(1)
  expect((await opentab('models', 'pull', 'nope')).stderr).toContain('pp-ocrv4')
})

it('a file that is not there is a failure with its name', async () => {
  expect(await opentab('ocr', 'none.png')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('none.png'),
  })
  await writeFile(join(folder, 'text.png'), 'not a picture')
  expect((await opentab('ocr', 'text.png')).stderr).toContain('neither a PNG nor a JPEG')
})

it('receipt verify: 0 with the right key, 1 with another or a changed file, 2 without any', async () => {
  const text = await fetchReceipt()
  const vkey = (await relay.get('/log/vkey')).text.trim()
  await writeFile(join(folder, 'r.json'), text)
  await writeFile(join(folder, 'changed.json'), text.replace(ADA, ADA.replace('5290', '5291')))
  vi.stubEnv('OPENTAB_RELAY', NOBODY)
  expect((await opentab('receipt', 'verify', 'r.json', '--key', vkey)).code).toBe(0)
  expect((await opentab('receipt', 'verify', 'changed.json', '--key', vkey)).code).toBe(1)
  const other = 'example.com/log+00000000+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
  expect((await opentab('receipt', 'verify', 'r.json', '--key', other)).code).toBe(1)
  const without = await opentab('receipt', 'verify', 'r.json', '--json')
  expect([without.code, without.json()]).toEqual([
    2,
    { valid: null, reason: expect.stringContaining('--key') },
  ])
})

it('receipt verify says of a pending receipt that its check is still open', async () => {
  await writeFile(join(folder, 'r.json'), JSON.stringify({ id: 'rcpt_1_1', state: 'pending' }))
  const { code, stderr } = await opentab('receipt', 'verify', 'r.json')
  expect(code).toBe(1)
  expect(stderr).toContain('rcpt_1_1 is not there yet')
  expect(stderr).toContain(`Fetch ${relay.url}/v1/receipts/rcpt_1_1 again`)
})

it('receipt verify uses the key that was pinned at an earlier contact, without the relay', async () => {
  await writeFile(join(folder, 'r.json'), await fetchReceipt())
  expect((await opentab('account', ADA)).code).toBe(0)
  vi.stubEnv('OPENTAB_RELAY', NOBODY)
  expect((await opentab('receipt', 'verify', 'r.json')).code).toBe(0)
})

it('receipt verify makes the first contact itself where there was none', async () => {
  await writeFile(join(folder, 'r.json'), await fetchReceipt())
  expect((await opentab('receipt', 'verify', 'r.json')).code).toBe(0)
  expect(await readFile(join(folder, 'known-relays.json'), 'utf8')).toContain(relay.url)
})

it('receipt verify never trusts a key or a name in the file', async () => {
  const receipt = JSON.parse(await fetchReceipt()) as { receipt: { relay: string } }
  await writeFile(join(folder, 'added.json'), JSON.stringify({ ...receipt, key: 'x', vkey: 'y' }))
  expect((await opentab('receipt', 'verify', 'added.json')).code).toBe(1)
  receipt.receipt.relay = 'elsewhere/log'
  await writeFile(join(folder, 'renamed.json'), JSON.stringify(receipt))
  expect((await opentab('receipt', 'verify', 'renamed.json')).code).toBe(1)
  await writeFile(join(folder, 'text.json'), 'not JSON')
  expect((await opentab('receipt', 'verify', 'text.json')).code).toBe(1)
})
