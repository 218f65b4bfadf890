import type { DeviceReport } from '../../protocol/messages.ts'
import { formats, say } from '../text/say.ts'

/** The graphics adapter in words. */
export function adapterText(report: DeviceReport): string {
  if (!report.webgpu) return say('device.none')
  const parts = [report.vendor, report.architecture].filter((part) => part !== '')
  const name = report.description || parts.join(' ')
  if (report.fallbackAdapter) return say('device.software', { name: name || 'WebGPU' })
  return name || say('device.hidden')
}

/** Where models run. */
export const backendText = ({ onnxBackend, wasmThreads }: DeviceReport): string =>
  onnxBackend === 'webgpu' ? say('device.webgpu') : say('device.wasm', { n: wasmThreads })

/** What was measured to choose it. */
export function whyText({ probe, webgpu: hasAdapter }: DeviceReport): string {
  const { wasmMs, webgpuMs } = probe
  const wasm = formats.computeTime(wasmMs ?? 0)
  const webgpu = formats.computeTime(webgpuMs ?? 0)
  if (wasmMs !== null && webgpuMs !== null) return say('device.measuredBoth', { wasm, webgpu })
  if (wasmMs !== null) return say(hasAdapter ? 'device.measuredWasm' : 'device.measuredAlone', { wasm })
  if (webgpuMs !== null) return say('device.measuredWebgpu', { webgpu })
  return say('device.measuredNone')
}
