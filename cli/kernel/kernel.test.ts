import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runCommandLine } from '../opentab.ts'

let folder: string
let server: Server
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opentab-kernel-run-'))
  await writeFile(join(folder, 'k.kernel.json'), JSON.stringify({ program: 'fn main() {}', outputs: ['y'] }))
  vi.stubEnv('INIT_CWD', folder)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await rm(folder, { recursive: true })
})

/** Runs `kernel run` on a good job file against a relay that answers as `listener` says. */
const kernelRun = (listener: RequestListener, ...more: string[]) =>
  kernelRunOf('k.kernel.json', listener, ...more)

async function kernelRunOf(file: string, listener: RequestListener, ...more: string[]) {
  server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const relay = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  let stderr = ''
  let stdout = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text)
    return true
  })
  const args = ['kernel', 'run', file, '--relay', relay, '--data', folder, ...more]
  return { code: await runCommandLine(args), stderr, stdout }
}

const row = {
  deviceClass: 'a',
  verdict: 'agrees',
  maxUlp: 0,
  medianMs: null,
  madMs: null,
  timing: null,
  timedRuns: 0,
  tabs: 1,
  adapter: { description: '', software: true },
  mismatch: null,
  message: null,
}
const done = { state: 'done', error: null, result: { matrix: [row] } }

describe('is wrong usage, exit code 2, and reaches no relay', () => {
  it.each([
    ['a job file that is not there', 'gone.json', [], /^There is no file .*gone\.json\.\n$/],
    ['a folder as job file', '.', [], / is a folder\.\n$/],
    ['a program as job file', 'k.wgsl', [], /k\.wgsl is a program\. Give a job file that names it/],
    ['a job file that is none', 'list.json', [], /list\.json is no kernel job file: it must be an object\./],
    ['a program that is not there', 'no-program.json', [], /^There is no file .*gone\.wgsl\.\n$/],
    ['an input that is not there', 'no-input.json', [], /^There is no file .*gone\.npy\.\n$/],
    [
      'a reference that is not there',
      'k.kernel.json',
      ['--check', 'gone.json'],
      /^There is no file .*gone\.json/,
    ],
    ['an array that is not there', 'k.kernel.json', ['--check', 'gone.npy'], /^There is no file .*gone\.npy/],
    ['a file where a folder must be', 'k.wgsl/k.json', [], /k\.wgsl\/k\.json cannot be read: /],
  ] as const)('%s', async (_, file, more, said) => {
    const program = 'fn main() {}'
    const inputs = [{ name: 'x', file: 'gone.npy' }]
    await writeFile(join(folder, 'k.wgsl'), program)
    await writeFile(join(folder, 'list.json'), '[]')
    await writeFile(join(folder, 'no-program.json'), JSON.stringify({ programFile: 'gone.wgsl' }))
    await writeFile(join(folder, 'no-input.json'), JSON.stringify({ program, inputs }))
    let asked = 0
    const { code, stderr } = await kernelRunOf(
      file,
      (_request, response) => response.end(`${asked++}`),
      ...more,
    )
    expect([code, asked]).toEqual([2, 0])
    expect(stderr).toMatch(said)
  })
})

it('fails, exit code 1, where the relay wants a key', async () => {
  const { code, stderr } = await kernelRun((_, response) =>
    response.writeHead(401).end(JSON.stringify({ error: { message: 'The API key is missing.' } })),
  )
  expect([code, stderr]).toEqual([1, expect.stringContaining('The API key is missing.')])
})

it('asks on while the relay restarts, and says so once', async () => {
  let looks = 0
  const { code, stderr } = await kernelRun((request, response) => {
    if (request.method === 'POST') return void response.writeHead(202).end(JSON.stringify({ id: 'job_1' }))
    if (request.url !== '/v1/jobs/job_1') return void response.writeHead(404).end()
    looks++
    // Gone; going away in mid-answer; a proxy in front of it; back.
    if (looks <= 2) return void response.destroy()
    if (looks === 3)
      return void response.writeHead(200, { 'content-length': 99 }).write('{', () => response.destroy())
    if (looks === 4) return void response.writeHead(502).end('Bad Gateway')
    response.end(JSON.stringify(done))
  })
  expect([code, looks]).toEqual([0, 5])
  expect(stderr.match(/No relay answers.*asked again until --wait is over/g)).toHaveLength(1)
})

it('ends when --wait is over while no relay answers, and names that as the reason', async () => {
  const { code, stderr } = await kernelRun(
    (request, response) => {
      if (request.method === 'POST') return void response.writeHead(202).end(JSON.stringify({ id: 'job_1' }))
      response.destroy()
    },
    '--wait',
    '0.2',
  )
  expect(code).toBe(1)
  expect(stderr).toContain('No result within 0.2 s: no relay answers')
})

it('stops at once where the relay knows no such job', async () => {
  const { code, stderr } = await kernelRun((request, response) => {
    if (request.method === 'POST') return void response.writeHead(202).end(JSON.stringify({ id: 'job_1' }))
    response.writeHead(404).end(JSON.stringify({ error: { message: 'There is no job job_1.' } }))
  })
  expect([code, stderr]).toEqual([1, 'There is no job job_1.\n'])
})

describe('what tabs and relays say', () => {
  const hostile = '\u001b[2J\u009b\n::error file=x::fake\na  agrees'
  const answer = (document: unknown): RequestListener => {
    return ({ method, url }, response) => {
      if (url === '/log/vkey') response.writeHead(404).end()
      else response.end(JSON.stringify(method === 'POST' ? { id: 'j' } : document))
    }
  }

  it('cannot move the cursor, forge a row of the table or say a command of a build server', async () => {
    const failed = { ...row, deviceClass: '::a', verdict: 'failed', message: hostile }
    const { stdout } = await kernelRun(answer({ ...done, result: { matrix: [failed] } }))
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[1]).toMatch(/^: :a {2,}failed/)
    expect(lines[2]).toBe(': :a:  [2J ::error file=x::fake a  agrees')
  })

  it('keeps its lines where a job failed, without escapes and commands', async () => {
    const error = { code: 'task_failed', message: hostile }
    const { stderr } = await kernelRun(answer({ state: 'failed', error, result: null }))
    expect(stderr).toBe('[2J\n: :error file=x::fake\na  agrees\n')
  })

  it('is the same document with --json, in characters that may be printed', async () => {
    const document = { ...done, result: { matrix: [{ ...row, message: hostile }] } }
    const { stdout } = await kernelRun(answer(document), '--json')
    expect(JSON.parse(stdout)).toEqual(document)
    expect(stdout).not.toContain('\u009b')
  })
})
