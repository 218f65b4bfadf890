import { expect, it } from 'vitest'
import type { DeviceReport } from '../../protocol/messages.ts'
import { adapterText, backendText, whyText } from './deviceText.ts'

const report: DeviceReport = {
  vendor: 'google',
  architecture: 'swiftshader',
  description: '',
  browserMajor: 156,
  features: [],
  fallbackAdapter: true,
  webgpu: true,
  onnxBackend: 'wasm',
  wasmThreads: 2,
  probe: { wasmMs: 12.4, webgpuMs: 480 },
}

it('names the adapter, also one that is missing, hidden or software', () => {
  expect(adapterText({ ...report, webgpu: false })).toContain('None')
  expect(adapterText({ ...report, vendor: '', architecture: '', fallbackAdapter: false })).toContain('hidden')
  expect(adapterText(report)).toBe('google swiftshader, emulated in software and slow')
  expect(adapterText({ ...report, fallbackAdapter: false, description: 'Apple M2' })).toBe('Apple M2')
})

it('says where models run and what was measured to choose', () => {
  expect(backendText({ ...report, wasmThreads: 1 })).toBe('the processor, 1 thread')
  expect(backendText({ ...report, onnxBackend: 'webgpu' })).toBe('the graphics adapter')
  expect(whyText(report)).toBe('a small model took 12 ms on the processor and 480 ms on the adapter')
  expect(whyText({ ...report, probe: { wasmMs: 12.4, webgpuMs: null } })).toContain(
    'the adapter was not tried',
  )
  expect(whyText({ ...report, webgpu: false, probe: { wasmMs: 12.4, webgpuMs: null } })).toBe(
    'there is nothing else: a small model took 12 ms on the processor',
  )
  expect(whyText({ ...report, probe: { wasmMs: null, webgpuMs: null } })).toContain('nothing else')
})
