import { signal } from '@preact/signals'
import { expect, it } from 'vitest'
import { firstKernel } from '../lab/firstKernel.ts'
import type { FleetJob } from '../lab/fleetJob.ts'
import type { JobFile } from '../lab/jobFile.ts'
import type { LabSession } from '../lab/session.ts'
import { createKernelJobApi } from './kernelJobApi.ts'
import { createLabFleet, LOOK_EVERY_MS, WAIT_MS } from './labFleet.ts'

const row = {
  deviceClass: 'test/test/1/00000000',
  verdict: 'agrees',
  maxUlp: 1,
  medianMs: 2,
  madMs: 0.5,
  timing: 'timestamps',
  tabs: 1,
  mismatch: null,
  message: null,
}
const waiting = { state: 'queued', error: null, result: null }

interface Asked {
  method: string
  path: string
  body?: FleetJob
  authorization: string | null
}

/** A fleet whose relay gives these answers to looks, in turn, the last one for ever. */
function makeFleet(
  looks: readonly object[],
  {
    session = firstKernel,
    refusal,
    reference,
  }: {
    session?: LabSession
    refusal?: [status: number, message: string, code?: string]
    reference?: NonNullable<JobFile['reference']>
  } = {},
) {
  const asked: Asked[] = []
  let looked = 0
  let pausedMs = 0
  const relay: typeof fetch = async (input, { method = 'GET', headers, body } = {}) => {
    const authorization = new Headers(headers).get('authorization')
    asked.push({ method, path: String(input), body: body && JSON.parse(String(body)), authorization })
    if (method === 'POST' && refusal)
      return Response.json(
        { error: { message: refusal[1], code: refusal[2] ?? null } },
        { status: refusal[0] },
      )
    if (method === 'POST') return Response.json({ id: 'job_1' })
    if (method === 'DELETE') return Response.json({})
    return Response.json(looks[Math.min(looked++, looks.length - 1)])
  }
  const jobFile = async () => ({
    kind: 'kernel' as const,
    programFile: 'first.wgsl',
    entryPoint: 'main',
    bindings: [],
    overrides: {},
    dispatch: [1, 1, 1] as const,
    inputs: [],
    outputs: ['y'],
    operations: 0,
    ...(reference && { reference }),
  })
  const opened = signal(0)
  const onPause: (() => void)[] = []
  const fleet = createLabFleet(
    { session: signal(session), opened, jobFile },
    createKernelJobApi(relay),
    async (ms) => {
      pausedMs += ms
      onPause.shift()?.()
    },
  )
  return { fleet, asked, opened, onPause, pausedMs: () => pausedMs }
}

it('sends the program with its job to one tab of every device class, and shows a line for each', async () => {
  const { fleet, asked } = makeFleet([waiting, { state: 'done', error: null, result: { matrix: [row] } }])
  await fleet.run()
  expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /v1/jobs',
    'GET /v1/jobs/job_1',
    'GET /v1/jobs/job_1',
  ])
  expect(asked[0]!.body).toMatchObject({ spread: { perClass: 1 }, program: firstKernel.programs[0]!.text })
  expect(asked[0]!.body).not.toHaveProperty('programFile')
  expect(asked[0]!.body!.repeat).toBeGreaterThan(2)
  expect(fleet.rows.value).toEqual([row])
  expect([fleet.trouble.value, fleet.running.value]).toEqual([null, false])
})

it('sends the reference of the lab where there is one, and knows whether verdicts are about it', async () => {
  const done = { state: 'done', error: null, result: { matrix: [row] } }
  const reference = [{ name: 'y', shape: [1], datatype: 'FP32', base64: 'AACAPw==' }]
  const against = makeFleet([done], { reference })
  await against.fleet.run()
  expect([against.asked[0]!.body!.reference, against.fleet.compared.value]).toEqual([reference, true])
  const among = makeFleet([done])
  await among.fleet.run()
  expect(among.asked[0]!.body).not.toHaveProperty('reference')
  expect(among.fleet.compared.value).toBe(false)
})

it('says what the relay said when it refuses the kernel or the job, and when the job fails', async () => {
  const words = 'Line 3:10 (recursion): down comes to call itself here.'
  const refused = makeFleet([], { refusal: [400, words, 'kernel_refused'] })
  await refused.fleet.run()
  expect(refused.fleet.trouble.value).toEqual({ kind: 'refused', words })
  expect(refused.fleet.wantsKey.value).toBe(false)
  const wrong = makeFleet([], { refusal: [400, 'repeat is above 100', 'invalid_value'] })
  await wrong.fleet.run()
  expect(wrong.fleet.trouble.value).toEqual({ kind: 'words', words: 'repeat is above 100.' })
  const failed = makeFleet([{ state: 'failed', error: { message: 'No tab took it.' }, result: null }])
  await failed.fleet.run()
  expect(failed.fleet.trouble.value).toEqual({ kind: 'words', words: 'No tab took it.' })
})

it('asks for an API key once the relay wants one, and sends it', async () => {
  const { fleet, asked } = makeFleet([], { refusal: [401, 'The API key is missing.'] })
  await fleet.run()
  expect(fleet.wantsKey.value).toBe(true)
  expect(asked[0]!.authorization).toBeNull()
  fleet.setApiKey(' key ')
  await fleet.run()
  expect(asked[1]!.authorization).toBe('Bearer key')
})

it('takes the job back when nobody runs it in time, or when it is stopped', async () => {
  const nobody = makeFleet([waiting])
  await nobody.fleet.run()
  expect(nobody.pausedMs()).toBe(WAIT_MS)
  expect(nobody.fleet.trouble.value).toEqual({ kind: 'nobody' })
  expect(nobody.asked.at(-1)).toMatchObject({ method: 'DELETE', path: '/v1/jobs/job_1' })
  const stopped = makeFleet([waiting])
  stopped.onPause.push(() => stopped.fleet.stop())
  await stopped.fleet.run()
  expect(stopped.pausedMs()).toBe(LOOK_EVERY_MS)
  expect(stopped.fleet.trouble.value).toEqual({ kind: 'stopped' })
  expect(stopped.asked.at(-1)).toMatchObject({ method: 'DELETE' })
})

it('sends nothing that has several passes: a job has one', async () => {
  const passes = [...firstKernel.passes, ...firstKernel.passes]
  const { fleet, asked } = makeFleet([], { session: { ...firstKernel, passes } })
  expect(fleet.possible.value).toBe(false)
  await fleet.run()
  expect(asked).toEqual([])
})

it('results of one kernel do not stand under another: opening one takes them away and calls a running job off', async () => {
  const done = makeFleet([{ state: 'done', error: null, result: { matrix: [row] } }])
  await done.fleet.run()
  expect([done.fleet.rows.value, done.fleet.sent.value]).toEqual([[row], firstKernel])
  done.opened.value++
  expect(done.fleet.rows.value).toBeNull()
  const waits = makeFleet([waiting])
  waits.onPause.push(() => waits.opened.value++)
  await waits.fleet.run()
  expect(waits.asked.at(-1)).toMatchObject({ method: 'DELETE' })
})
