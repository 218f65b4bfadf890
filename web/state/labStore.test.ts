import { expect, it } from 'vitest'
import { firstKernel } from '../lab/firstKernel.ts'
import type { LabDevice, LabGpuApi, RunAnswer } from '../lab/gpu/labGpuApi.ts'
import { isSameKernel } from '../lab/isSameKernel.ts'
import { wordsOf } from '../lab/labWords.ts'
import { type LabWorker, WorkerHung } from '../lab/labWorker.ts'
import { compareNumbers } from '../lab/numbers/compareNumbers.ts'
import { asSent, judgeKernel } from '../lab/numbers/judgeKernel.ts'
import type { CheckAnswer, InputsAnswer, LabNumbersApi } from '../lab/numbers/labNumbersApi.ts'
import { readDeclarations } from '../lab/readDeclarations.ts'
import { createLabMeasure } from './labMeasure.ts'
import { createLabStore } from './labStore.ts'

const device: LabDevice = {
  vendor: 'test',
  architecture: 'test',
  description: '',
  isFallbackAdapter: false,
  features: [],
  languageFeatures: [],
  limits: {},
  budget: { work: 2 ** 31, serialWork: 2 ** 20 },
}
const timing = { method: 'wall' as const, medianMs: 1, madMs: 0, n: 3, runsEach: 1 }

/** A lab whose GPU gives what `run` says; `right` is the verdict of every check. */
function makeLab({
  right = true,
  run,
  filling = { ok: true, inputs: new Map() },
  check,
}: {
  right?: boolean
  run?: () => Promise<RunAnswer>
  filling?: InputsAnswer
  check?: CheckAnswer
} = {}) {
  const asked: string[] = []
  let alive = true
  const gpuApi: LabGpuApi = {
    open: async () => device,
    lost: () => new Promise(() => {}),
    compile: async (programs) =>
      programs[0]!.includes('broken')
        ? [{ program: 0, type: 'error', text: 'no', place: { line: 1, column: 1, length: 1 } }]
        : [],
    run: async () => {
      asked.push('run')
      return run ? run() : { ok: true, outputs: new Map(), ended: false, messages: [] }
    },
    time: async (requests) => {
      asked.push('time')
      return { ok: true, timings: requests.map(() => timing) }
    },
    roofline: async () => ({ gflops: 1, gigabytesPerSecond: 1, method: 'wall' }),
  }
  const compared = compareNumbers({ name: 'y', datatype: 'FP32', shape: [1] }, [right ? 1 : 0], [1], 0)
  const numbersApi: LabNumbersApi = {
    templates: async () => [],
    template: async () => firstKernel,
    reflect: async (programs) => programs.map(readDeclarations),
    asSent: async (job) => asSent(job),
    gate: async (jobs, budget) => jobs.map((job) => judgeKernel(job, budget)),
    inputs: async () => filling,
    check: async () => check ?? { kind: 'compared', right, words: null, outputs: [compared] },
    reference: async () => null,
  }
  const workerOf = <Api>(api: Api): LabWorker<Api> => ({
    ask: (question) => question(api),
    kill: () => {
      alive = false
    },
    alive: () => alive,
  })
  const later: (() => void)[] = []
  const gpu = workerOf(gpuApi)
  const lab = createLabStore({
    gpu: {
      ...gpu,
      ask: (question, withinMs) =>
        gpu.ask(question, withinMs).catch((error) => {
          if (error instanceof WorkerHung) gpu.kill()
          throw error
        }),
    },
    numbers: workerOf(numbersApi),
    nowMs: () => 0,
    later: (work) => {
      later.push(work)
      return () => later.splice(later.indexOf(work), 1)
    },
  })
  return { lab, measure: createLabMeasure(lab), asked, later }
}

it('runs a kernel that compiles and tells the verdict', async () => {
  const { lab } = makeLab()
  await lab.run()
  expect(lab.result.value).toMatchObject({ kind: 'ran', check: { right: true } })
  expect(lab.stale.value).toBe(false)
})

it('sends a job with the buffers that its entry point uses, and no others', async () => {
  const { lab } = makeLab()
  const [program] = firstKernel.programs
  const more = '@group(0) @binding(9) var<storage, read> unused: array<f32>;'
  lab.change({ programs: [{ ...program!, text: `${program!.text}\n${more}` }] })
  await lab.run()
  expect(lab.session.value.buffers.map(({ name }) => name)).toContain('unused')
  const names = (await lab.jobFile()).bindings.map(({ name }) => name)
  expect(names).not.toContain('unused')
  expect(names).toEqual(expect.arrayContaining(['x', 'y', 'task']))
})

it('does not run what does not compile, what has a fault, and what the gate refuses', async () => {
  const { lab, asked } = makeLab()
  const [program] = firstKernel.programs
  lab.change({ programs: [{ ...program!, text: `${program!.text}// broken` }] })
  await lab.run()
  expect(lab.messages.value).toHaveLength(1)
  lab.change({ programs: firstKernel.programs, numbers: { n: 1000 } })
  await lab.run()
  expect(lab.faults.value.length).toBeGreaterThan(0)
  lab.change({ numbers: { n: 2 ** 40, lanes: 64 } })
  await lab.run()
  expect([asked, lab.refusals.value.length > 0 || lab.faults.value.length > 0]).toEqual([[], true])
  lab.change({ numbers: { n: 1000, lanes: 512 } })
  await lab.run()
  expect(lab.result.value).toEqual({ kind: 'refused' })
  expect(lab.refusals.value).toMatchObject([{ rule: 'workgroup' }])
  expect(asked).toEqual([])
})

it('says no longer that a refused kernel is not run, once the person runs it all the same', async () => {
  const running = Promise.withResolvers<RunAnswer>()
  const { lab, asked } = makeLab({ run: () => running.promise })
  lab.change({ numbers: { ...firstKernel.numbers, lanes: 512 } })
  await lab.run()
  expect(lab.result.value).toEqual({ kind: 'refused' })
  lab.runRefused()
  await expect.poll(() => asked).toEqual(['run'])
  expect([lab.running.value, lab.result.value]).toEqual([true, null])
  running.resolve({ ok: true, outputs: new Map(), ended: false, messages: [] })
  await expect.poll(() => lab.result.value?.kind).toBe('ran')
})

it('a change runs it once it is quiet, and not at all while that is switched off', async () => {
  const { lab, later } = makeLab()
  lab.change({ seed: 2 })
  lab.change({ seed: 3 })
  expect(later).toHaveLength(1)
  lab.setAuto(false)
  later.length = 0
  lab.change({ seed: 4 })
  expect(later).toHaveLength(0)
})

it('a hung kernel leaves a sentence, and does not run again by itself', async () => {
  const { lab, later } = makeLab({ run: () => Promise.reject(new WorkerHung(8000)) })
  await lab.run()
  expect(lab.result.value).toEqual({ kind: 'hung', waitedMs: 8000, busy: false })
  expect([lab.auto.value, lab.device.value]).toEqual([false, null])
  lab.change({ seed: 2 })
  expect(later).toHaveLength(0)
})

it('the run after a hung kernel waits for the device, says so, and lets changes run again', async () => {
  let hangs = true
  const { lab, later } = makeLab({
    run: async () => {
      if (hangs) throw new WorkerHung(8000)
      return { ok: true, outputs: new Map(), ended: false, messages: [] }
    },
  })
  await lab.run()
  const waits: number[] = []
  const shown: unknown[] = []
  const { ask } = lab.gpu
  lab.gpu.ask = (question, withinMs) => {
    waits.push(withinMs)
    shown.push(lab.result.value?.kind)
    return ask(question, withinMs)
  }
  hangs = false
  lab.change({ seed: 2 })
  await lab.run()
  expect([waits[0], waits[1], shown[0]]).toEqual([120_000, 120_000, 'waiting'])
  expect([lab.result.value?.kind, lab.auto.value]).toEqual(['ran', true])
  lab.change({ seed: 3 })
  expect(later).toHaveLength(1)
})

it('a device that is still busy after a hung kernel is named as that; who switched changes off is left so', async () => {
  const { lab } = makeLab({ run: () => Promise.reject(new WorkerHung(8000)) })
  await lab.run()
  lab.setAuto(false)
  lab.gpu.ask = () => Promise.reject(new WorkerHung(120_000))
  await lab.run()
  expect(lab.result.value).toEqual({ kind: 'hung', waitedMs: 120_000, busy: true })
  expect(lab.auto.value).toBe(false)
})

it('times nothing that is wrong, nor what does not end', async () => {
  const wrong = makeLab({ right: false })
  await wrong.measure.time()
  expect(wrong.measure.trouble.value).toMatchObject({ key: 'speed.wrong' })
  const endless = makeLab({
    run: async () => ({ ok: true, outputs: new Map(), ended: true, messages: [] }),
  })
  await endless.measure.time()
  expect(endless.measure.trouble.value).toMatchObject({ key: 'speed.endless' })
  for (const { asked, measure } of [wrong, endless]) {
    expect(asked).toEqual(['run'])
    expect(measure.measured.value).toBeNull()
  }
})

it('names why there are no times: which version is wrong, or what the reference says', async () => {
  const { lab, measure } = makeLab({ right: false })
  measure.keep()
  lab.change({ seed: 7 })
  await measure.compare()
  expect(measure.trouble.value).toMatchObject({ key: 'speed.wrongOf', values: { version: 'a' } })
  const unable = makeLab({ check: { kind: 'failed', words: wordsOf('check.slow', { seconds: 6 }) } })
  await unable.measure.time()
  expect(unable.measure.trouble.value).toMatchObject({ key: 'check.slow' })
  unable.lab.setSweep({ lanes: '32' })
  await unable.measure.runSweep()
  expect(unable.measure.sweep.value!.rows).toMatchObject([
    { right: null, trouble: { key: 'check.slow', values: { seconds: 6 } } },
  ])
})

it('keeps no version that is held: comparing with it would run it', () => {
  const { lab, measure } = makeLab()
  lab.open({ ...firstKernel, name: 'held' }, { held: true })
  measure.keep()
  expect(measure.kept.value).toBeNull()
  expect(measure.trouble.value).toMatchObject({ key: 'lab.pressRun' })
})

it('sweeps every combination, and writes down which are wrong', async () => {
  const { lab, measure, asked } = makeLab({ right: false })
  lab.setSweep({ lanes: '32, 64' })
  await measure.runSweep()
  expect(measure.sweep.value).toMatchObject({
    names: ['lanes'],
    done: true,
    rows: [
      { point: { lanes: 32 }, right: false, timing: null },
      { point: { lanes: 64 }, right: false, timing: null },
    ],
  })
  expect(asked).toEqual(['run', 'run'])
})

it('a description with a fault, and inputs that cannot be made, are faults of their fields and are not run', async () => {
  const fault = { field: 'buffer.x.fill', label: wordsOf('setup.fill'), words: wordsOf('fault.noFile') }
  const { lab, asked } = makeLab({ filling: { ok: false, faults: [fault] } })
  await lab.run()
  expect([lab.faults.value, lab.result.value, lab.stale.value]).toEqual([[fault], null, false])
  expect(asked).toEqual([])
  await expect(lab.jobFile()).rejects.toMatchObject({ words: { key: 'lab.hasFault' } })
})

it('a kernel without an output is no job', async () => {
  const { lab } = makeLab()
  const buffers = lab.session.value.buffers.map((buffer) => ({ ...buffer, role: 'input' as const }))
  lab.change({ buffers })
  await expect(lab.jobFile()).rejects.toMatchObject({ words: { key: 'lab.noOutput' } })
})

it('operations that are nothing are named by their field when a job is made', async () => {
  const { lab } = makeLab()
  lab.change({ operations: '2 * k' })
  await expect(lab.jobFile()).rejects.toMatchObject({
    words: { key: 'expression.unknownName', field: { key: 'setup.operations' } },
  })
})

it('nothing of what came by a link or a file runs before the person presses Run', async () => {
  const { lab, measure, asked, later } = makeLab()
  const seen: string[] = []
  const { ask } = lab.numbers
  lab.numbers.ask = (question, withinMs) => {
    seen.push(String(question))
    return ask(question, withinMs)
  }
  lab.open({ ...firstKernel, name: 'a stranger’s' }, { held: true })
  lab.change({ seed: 7 })
  lab.setAuto(false)
  lab.setAuto(true)
  lab.resume()
  await measure.time()
  await measure.runSweep()
  await expect(lab.jobFile()).rejects.toMatchObject({ words: { key: 'lab.pressRun' } })
  expect(measure.trouble.value).toMatchObject({ key: 'lab.pressRun' })
  expect([asked, later, lab.device.value, lab.result.value]).toEqual([[], [], null, null])
  expect(seen.filter((question) => !question.includes('reflect'))).toEqual([])
  await lab.run()
  expect(asked).toEqual(['run'])
  lab.change({ seed: 8 })
  expect(later).toHaveLength(1)
})

it('what a held session declares can be looked at, and going back to it holds it again', async () => {
  const { lab, later } = makeLab()
  lab.open({ ...firstKernel, name: 'held' }, { held: true })
  await expect.poll(() => lab.reflected.value.length).toBe(1)
  lab.change({ seed: 7 })
  lab.open(firstKernel)
  expect([lab.held.value, later.length]).toEqual([false, 1])
  lab.open(lab.before.value!)
  expect(lab.held.value).toBe(true)
})

it('times of one kernel do not stand under another', async () => {
  const { lab, measure } = makeLab()
  await measure.time()
  measure.keep()
  lab.setSweep({ lanes: '32' })
  await measure.compare()
  await measure.runSweep()
  expect([measure.measured.value, measure.pair.value, measure.sweep.value]).not.toContain(null)
  lab.open({ ...firstKernel, name: 'other' })
  expect([measure.measured.value, measure.pair.value, measure.sweep.value]).toEqual([null, null, null])
  expect(measure.kept.value).not.toBeNull()
})

it('times are of what was open then: a sweep’s values change nothing about them, another number does', async () => {
  const { lab, measure } = makeLab()
  await measure.time()
  const { session } = measure.measured.value!
  lab.setSweep({ lanes: '32' })
  expect(isSameKernel(session, lab.session.value)).toBe(true)
  lab.change({ numbers: { n: 7, lanes: 64 } })
  await lab.run()
  expect(isSameKernel(session, lab.session.value)).toBe(false)
})
