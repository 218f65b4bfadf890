import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
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

/** Runs `kernel run` against a relay that answers as `listener` says. */
async function kernelRun(listener: RequestListener, ...more: string[]) {
  server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const relay = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  let stderr = ''
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text)
    return true
  })
  const args = ['kernel', 'run', 'k.kernel.json', '--relay', relay, '--data', folder, ...more]
  return { code: await runCommandLine(args), stderr }
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
