import { describe, expect, it } from 'vitest'
import { kernelLibrary } from '../../shaders/library.ts'
import { matmulF16 } from '../../shaders/matmul-f16/kernel.ts'
import { canRun, chooseVariant } from './chooseVariant.ts'
import type { DeviceInfo } from './openDevice.ts'

const hardware: DeviceInfo = {
  vendor: 'v',
  architecture: 'a',
  device: '',
  description: '',
  isFallbackAdapter: false,
  features: ['subgroups'],
  languageFeatures: ['packed_4x8_integer_dot_product'],
  limits: {
    maxStorageBufferBindingSize: 2 ** 27,
    maxBufferSize: 2 ** 28,
    maxComputeWorkgroupStorageSize: 16384,
    maxComputeInvocationsPerWorkgroup: 256,
  },
}
const software: DeviceInfo = { ...hardware, isFallbackAdapter: true }
const plain = { features: [], languageFeatures: [] }
const chosen = (info: DeviceInfo) =>
  Object.values(kernelLibrary).map((kernel) => chooseVariant(kernel, info).name)

describe('the choice of a variant', () => {
  it('falls back to programs that need nothing', () => {
    expect(chosen({ ...software, ...plain })).toEqual(['registerTileUnpacked', 'registerTile'])
    expect(chosen({ ...hardware, ...plain })).toEqual(['workgroupTile64Unpacked', 'workgroupTile128'])
  })

  it('takes register tiles on a software adapter and workgroup tiles elsewhere', () => {
    expect(chosen(software)).toEqual(['registerTileUnpacked', 'registerTileWideBroadcast'])
    expect(chosen(hardware)).toEqual(['workgroupTile64Packed', 'workgroupTile128'])
  })

  it('takes smaller tiles where large ones would leave a GPU idle', () => {
    const tileOf = (m: number, k: number, n: number) =>
      Object.values(kernelLibrary).map((kernel) => chooseVariant(kernel, hardware, { m, k, n }).name)
    expect(tileOf(2048, 2048, 2048)).toEqual(['workgroupTile64Packed', 'workgroupTile128'])
    expect(tileOf(1024, 1024, 1024)).toEqual(['workgroupTile64Packed', 'workgroupTile64'])
    expect(tileOf(512, 512, 512)).toEqual(['workgroupTile32Packed', 'workgroupTile32'])
    expect(tileOf(256, 256, 256)).toEqual(['workgroupTile16Packed', 'workgroupTile16'])
    expect(tileOf(1, 1, 1)).toEqual(['workgroupTile16Packed', 'workgroupTile16'])
  })

  it('takes narrower register tiles on a software adapter where a wide one would hold hardly any rows', () => {
    const tileOf = (m: number) =>
      chooseVariant(kernelLibrary['matmul-f32'], software, { m, k: 1024, n: 1024 }).name
    expect(tileOf(16)).toBe('registerTileWideBroadcast')
    expect(tileOf(8)).toBe('registerTileBroadcast')
  })

  it('does not count what a tile computes past the edge', () => {
    const { name } = chooseVariant(kernelLibrary['matmul-f32'], hardware, { m: 1, k: 64, n: 64 * 200 })
    expect(name).toBe('workgroupTile16')
  })

  it('counts the workgroups of the pass that does the work, not of those that lay out', () => {
    const { name } = chooseVariant(matmulF16, hardware, { m: 256, k: 256, n: 256 })
    expect(name).toBe('workgroupTile16Widened')
    const halves = { ...hardware, features: [...hardware.features, 'shader-f16'] }
    expect(chooseVariant(matmulF16, halves, { m: 512, k: 512, n: 512 }).name).toBe('workgroupTile32Native')
  })

  it('takes the one tile there is where smaller ones need what the device lacks', () => {
    const { name } = chooseVariant(
      kernelLibrary['matmul-i8'],
      { ...hardware, ...plain },
      { m: 1, k: 1, n: 1 },
    )
    expect(name).toBe('workgroupTile64Unpacked')
  })

  it('leaves out variants that want larger limits than the device has', () => {
    const [first, ...others] = kernelLibrary['matmul-i8'].variants
    const limits = { maxComputeWorkgroupStorageSize: hardware.limits.maxComputeWorkgroupStorageSize + 1 }
    const demanding = { ...first!, needs: { ...first!.needs, limits } }
    const kernel = { ...kernelLibrary['matmul-i8'], variants: [demanding, ...others] }
    expect(canRun(first!, hardware)).toBe(true)
    expect(canRun(demanding, hardware)).toBe(false)
    expect(chooseVariant(kernel, software).name).not.toBe(demanding.name)
  })

  it('names the kernel when nothing fits', () => {
    const kernel = kernelLibrary['matmul-i8']
    const packedOnly = {
      ...kernel,
      variants: kernel.variants.filter(({ name }) => name.endsWith('Packed')),
    }
    expect(() => chooseVariant(packedOnly, { ...software, ...plain })).toThrow(
      'No variant of matmul-i8 runs on this device.',
    )
  })
})
