/** The lab's GPU worker: owns the device, so that a hung kernel dies with the worker and the page lives on. */
import { expose } from 'comlink'
import { transferErrors } from '../../../worker/compute/transferError.ts'
import { createCompiledPrograms } from './compiledPrograms.ts'
import type { LabGpuApi } from './labGpuApi.ts'
import { openLabDevice } from './openLabDevice.ts'
import { type PreparedPlan, preparePlan } from './preparePlan.ts'
import { measureRoofline } from './roofline.ts'
import { StepFailed } from './scoped.ts'
import { timePlans } from './timePlans.ts'

type Opened = Awaited<ReturnType<typeof openLabDevice>> & {
  programs: ReturnType<typeof createCompiledPrograms>
}
let opened: Promise<Opened> | null = null

const open = (): Promise<Opened> => {
  opened ??= openLabDevice().then((made) => ({ ...made, programs: createCompiledPrograms(made.device) }))
  return opened
}

const api: LabGpuApi = {
  open: async () => (await open()).about,
  lost: async () => {
    const { reason, message } = await (await open()).device.lost
    return message || reason
  },
  compile: async (programs) => (await open()).programs.messagesOf(programs),
  async run(plan, inputs) {
    const { device, programs } = await open()
    const messages = await programs.messagesOf(plan.programs)
    if (messages.some(({ type }) => type === 'error')) return { ok: false, trouble: null, messages }
    let prepared: PreparedPlan | null = null
    try {
      prepared = await preparePlan(device, programs, plan)
      prepared.fill(inputs)
      const outputs = await prepared.run()
      return { ok: true, outputs, ended: await prepared.ended(), messages }
    } catch (error) {
      if (error instanceof StepFailed) return { ok: false, trouble: error.trouble, messages }
      throw error
    } finally {
      prepared?.destroy()
    }
  },
  async time(requests, budgetMs) {
    const { device, programs } = await open()
    try {
      return { ok: true, timings: await timePlans(device, programs, requests, budgetMs) }
    } catch (error) {
      if (error instanceof StepFailed) return { ok: false, trouble: error.trouble }
      throw error
    }
  },
  roofline: async () => {
    const { device, programs, about } = await open()
    return measureRoofline(device, programs, about.isFallbackAdapter)
  },
}

transferErrors()
expose(api)
