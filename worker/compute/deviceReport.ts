import type { ChosenBackend } from '../../engine/onnx/chooseBackend.ts'
import type { DeviceReport } from '../../protocol/messages.ts'

/** What the report needs to know of a GPU; the kernel layer's DeviceInfo is one. */
export interface ReportedGpu {
  vendor: string
  architecture: string
  description: string
  features: readonly string[]
  isFallbackAdapter: boolean
}

/** Longest text that the protocol takes in a report. */
const TEXT_LENGTH = 300

/** Major version of the browser, from its user agent; 0 where it does not say. */
export const browserMajorOf = (userAgent: string): number =>
  Number(/(?:Chrome|Firefox|Version)\/(\d+)/.exec(userAgent)?.[1] ?? 0)

/** What the tab tells the relay of its device. `gpu` is null where there is no WebGPU. */
export function deviceReport(
  gpu: ReportedGpu | null,
  backend: ChosenBackend,
  userAgent: string,
): DeviceReport {
  const short = (text: string | undefined) => (text ?? '').slice(0, TEXT_LENGTH)
  return {
    vendor: short(gpu?.vendor),
    architecture: short(gpu?.architecture),
    description: short(gpu?.description),
    browserMajor: browserMajorOf(userAgent),
    features: [...(gpu?.features ?? [])].sort(),
    fallbackAdapter: gpu?.isFallbackAdapter ?? false,
    webgpu: gpu !== null,
    onnxBackend: backend.runner.backend,
    wasmThreads: backend.wasmThreads,
    probe: backend.probe,
  }
}
