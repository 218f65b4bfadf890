import { clear, createStore } from 'idb-keyval'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { KernelDescriptor } from '../../../shaders/kernel.ts'
import type { KernelSuite } from '../../../shaders/kernelSuite.ts'
import { softmaxSuite } from '../../../shaders/softmax/cases.ts'
import { createKernelRunner } from '../kernelRunner.ts'
import { type OpenedDevice, openDevice } from '../openDevice.ts'
import { createBrowserTuningStore } from './browserTuningStore.ts'
import { createTuner } from './tuner.ts'
import { createMemoryTuningStore, type TuningStore } from './tuningStore.ts'

const { kernel } = softmaxSuite
const shape = { rows: 16, n: 300 }

let opened: OpenedDevice
beforeAll(async () => {
  opened = await openDevice()
})
afterAll(() => opened?.device.destroy())

const tunerWith = (store: TuningStore, browserMajor = 156) =>
  createTuner(opened.device, opened.info, { store, browserMajor })

/** Softmax whose first variant forgets to divide. */
function suiteWithFault(): KernelSuite {
  const [first, ...others] = kernel.variants
  const programs = {
    ...kernel.programs,
    faulty: kernel.programs.softmaxProgram!.replace('1.0 / all.sum', '1.0'),
  }
  const passes = first!.passes.map((pass) => ({
    ...pass,
    programs: pass.programs.map((name) => (name === 'softmaxProgram' ? 'faulty' : name)),
  }))
  const faulty: KernelDescriptor = { ...kernel, programs, variants: [{ ...first!, passes }, ...others] }
  return { ...softmaxSuite, kernel: faulty }
}

describe('the tuner', () => {
  it('finds a variant that runs, picks it for shapes of its class and searches once', async () => {
    const tuner = tunerWith(createMemoryTuningStore())
    expect(tuner.pick(kernel, shape)).toBeUndefined()
    expect(tuner.isMeasured(kernel, shape)).toBe(false)
    const found = await tuner.tune(softmaxSuite, shape)
    expect(tuner.isMeasured(kernel, shape)).toBe(true)
    expect(found!.best!.ms).toBeGreaterThan(0)
    expect(found!.tried.filter(({ trial }) => 'wrong' in trial)).toEqual([])
    expect(tuner.pick(kernel, { rows: 15, n: 260 })).toEqual(found!.best!.variant)
    expect(tuner.pick(kernel, { rows: 1, n: 260 })).toBeUndefined()
    expect(await tuner.tune(softmaxSuite, { rows: 17, n: 310 })).toBeNull()

    const runner = createKernelRunner(opened.device, opened.info, { choose: tuner.choose })
    const [y] = await runner.compute({ kernel, shape, seed: 1, inputs: [] })
    expect(y!.shape).toEqual([16, 300])
    runner.dispose()
  })

  it('keeps what it found in the browser, for this browser version and these programs', async () => {
    await clear(createStore('opentab-tuning', 'kernels'))
    const found = await tunerWith(createBrowserTuningStore()).tune(softmaxSuite, shape)
    const later = tunerWith(createBrowserTuningStore())
    await later.restore(kernel)
    expect(later.pick(kernel, shape)).toEqual(found!.best!.variant)
    expect(later.measured(kernel).choices).toHaveLength(1)

    const updated = tunerWith(createBrowserTuningStore(), 157)
    await updated.restore(kernel)
    expect(updated.pick(kernel, shape)).toBeUndefined()
    const changed = { ...kernel, programs: { ...kernel.programs, more: '// One more line.' } }
    await later.restore(changed)
    const other = tunerWith(createBrowserTuningStore())
    await other.restore(changed)
    expect(other.pick(changed, shape)).toBeUndefined()
  })

  it('strikes off a variant that is wrong, never times it, and remembers', async () => {
    const suite = suiteWithFault()
    const store = createMemoryTuningStore()
    const tuner = tunerWith(store)
    const found = await tuner.tune(suite, shape)
    const faulty = suite.kernel.variants[0]!.name
    const trials = found!.tried.filter(({ variant }) => variant.name === faulty)
    expect(trials).toHaveLength(1)
    expect(trials[0]!.trial).toHaveProperty('wrong', expect.stringMatching(/^y\[0\] is .* and must be /))
    expect(found!.best!.variant.name).not.toBe(faulty)
    expect(tuner.measured(suite.kernel).struck).toMatchObject([{ kernel: 'softmax', variant: faulty }])
    // Nor is it chosen where nothing was found, by this tuner or the next one.
    const later = tunerWith(store)
    await later.restore(suite.kernel)
    for (const each of [tuner, later]) {
      expect(each.choose(suite.kernel, opened.info, { rows: 1, n: 9 }).name).not.toBe(faulty)
    }
  })

  it('strikes nothing off for want of memory, and tries again on the next visit', async () => {
    const store = createMemoryTuningStore()
    const scopes: GPUErrorFilter[] = []
    let isShort = true
    const push = vi.spyOn(opened.device, 'pushErrorScope').mockImplementation((filter) => {
      scopes.push(filter)
      GPUDevice.prototype.pushErrorScope.call(opened.device, filter)
    })
    const pop = vi.spyOn(opened.device, 'popErrorScope').mockImplementation(async () => {
      const isHit = scopes.pop() === 'out-of-memory' && isShort
      if (isHit) isShort = false
      const error = await GPUDevice.prototype.popErrorScope.call(opened.device)
      return isHit ? new GPUOutOfMemoryError('Another page has it all.') : error
    })
    const tuner = tunerWith(store)
    const found = await tuner.tune(softmaxSuite, shape)
    push.mockRestore()
    pop.mockRestore()
    const { variant, trial } = found!.tried[0]!
    expect(trial).toEqual({ givenUpMs: Number.POSITIVE_INFINITY })
    expect(tuner.measured(kernel).struck).toEqual([])
    expect(tuner.pick(kernel, shape)).toEqual(found!.best!.variant)

    const later = tunerWith(store)
    await later.restore(kernel)
    const again = await later.tune(softmaxSuite, shape)
    expect(again!.tried[0]).toMatchObject({ variant, trial: { ms: expect.any(Number) } })
    const settled = tunerWith(store)
    await settled.restore(kernel)
    expect(await settled.tune(softmaxSuite, shape)).toBeNull()
  })

  it('keeps no choice of a search that was ended', async () => {
    const tuner = tunerWith(createMemoryTuningStore())
    const found = await tuner.tune(softmaxSuite, shape, AbortSignal.abort())
    expect(found).toMatchObject({ best: null, complete: false })
    expect(tuner.pick(kernel, shape)).toBeUndefined()

    // In the middle of a trial: after the signal nothing more is submitted.
    const controller = new AbortController()
    const submit = vi.spyOn(opened.device.queue, 'submit')
    submit.mockImplementationOnce((commands) => {
      controller.abort()
      return GPUQueue.prototype.submit.call(opened.device.queue, commands)
    })
    await tuner.tune(softmaxSuite, shape, controller.signal)
    expect(submit.mock.calls.length, 'the run itself and the reading of its result').toBeLessThanOrEqual(2)
    submit.mockRestore()
    expect(tuner.pick(kernel, shape)).toBeUndefined()
  })

  it('takes over choices of others until it has its own, and none that it cannot run', async () => {
    const tuner = tunerWith(createMemoryTuningStore())
    const choice = { kernel: 'softmax', shapeClass: 'n=256 rows=16', variant: 'alone', tuning: {}, ms: 1 }
    tuner.adopt(kernel, [
      { ...choice, variant: 'unheard of' },
      { ...choice, kernel: 'rmsnorm' },
      { ...choice, tuning: { lanes: 17 } },
      { ...choice, tuning: { constructor: 16 } },
    ])
    expect(tuner.pick(kernel, shape)).toBeUndefined()
    tuner.adopt(kernel, [{ ...choice, tuning: { lanes: 16 } }])
    expect(tuner.pick(kernel, shape)).toMatchObject({ name: 'alone', tuning: { lanes: { value: 16 } } })
    expect(tuner.measured(kernel).choices).toEqual([])
    expect(tuner.isMeasured(kernel, shape)).toBe(false)
    const found = await tuner.tune(softmaxSuite, shape)
    expect(tuner.pick(kernel, shape)).toEqual(found!.best!.variant)
  })
})
