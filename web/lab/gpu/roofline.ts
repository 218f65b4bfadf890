import type { LabPlan } from '../planSession.ts'
import type { CompiledPrograms } from './compiledPrograms.ts'
import copy from './copy.wgsl?raw'
import type { Roofline } from './labGpuApi.ts'
import multiplyAdd from './multiplyAdd.wgsl?raw'
import { timePlans } from './timePlans.ts'

/** Operations of one invocation of multiplyAdd.wgsl. */
const OPERATIONS_EACH = 4096
/** A software adapter has its answer after a small amount of work; a GPU must be filled, and its caches overrun. */
const AMOUNTS = {
  software: { invocations: 64 * 64, copyBytes: 4 * 1024 ** 2 },
  hardware: { invocations: 64 * 16384, copyBytes: 128 * 1024 ** 2 },
}
const BUDGET_MS = 600

/** The peaks of this device, as far as two small programs reach them. @throws StepFailed */
export async function measureRoofline(
  device: GPUDevice,
  programs: CompiledPrograms,
  software: boolean,
): Promise<Roofline> {
  const { invocations, copyBytes } = software ? AMOUNTS.software : AMOUNTS.hardware
  const alone = { program: 0, entryPoint: 'main', constants: {} }
  const adds: LabPlan = {
    programs: [multiplyAdd],
    buffers: [{ name: 'y', bytes: invocations * 4, role: 'scratch' }],
    passes: [
      {
        ...alone,
        bindings: [{ group: 0, binding: 0, space: 'read_write', buffer: 'y' }],
        dispatch: [invocations / 64, 1, 1],
      },
    ],
  }
  const copies: LabPlan = {
    programs: [copy],
    buffers: [
      { name: 'x', bytes: copyBytes, role: 'scratch' },
      { name: 'y', bytes: copyBytes, role: 'scratch' },
    ],
    passes: [
      {
        ...alone,
        bindings: [
          { group: 0, binding: 0, space: 'read', buffer: 'x' },
          { group: 0, binding: 1, space: 'read_write', buffer: 'y' },
        ],
        dispatch: [copyBytes / 16 / 256, 1, 1],
      },
    ],
  }
  const inputs = new Map<string, Uint8Array>()
  const requests = [
    { plan: adds, inputs },
    { plan: copies, inputs },
  ]
  const [add, move] = await timePlans(device, programs, requests, BUDGET_MS)
  return {
    gflops: (invocations * OPERATIONS_EACH) / (add!.medianMs * 1e6),
    gigabytesPerSecond: (copyBytes * 2) / (move!.medianMs * 1e6),
    method: add!.method,
  }
}
