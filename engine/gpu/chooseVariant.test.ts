import { describe, expect, it } from 'vitest'
import { kernelLibrary } from '../../shaders/library.ts'
import { chooseVariant } from './chooseVariant.ts'
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
    expect(chosen({ ...hardware, ...plain })).toEqual(['workgroupTileUnpacked', 'workgroupTile'])
  })

  it('takes register tiles on a software adapter and workgroup tiles elsewhere', () => {
    expect(chosen(software)).toEqual(['registerTileUnpacked', 'registerTileBroadcast'])
    expect(chosen(hardware)).toEqual(['workgroupTilePacked', 'workgroupTile'])
  })

  it('names the kernel when nothing fits', () => {
    const kernel = kernelLibrary['matmul-i8']
    const packedOnly = {
      ...kernel,
      variants: kernel.variants.filter(({ name }) => name.endsWith('TilePacked')),
    }
    expect(() => chooseVariant(packedOnly, { ...software, ...plain })).toThrow(
      'No variant of matmul-i8 runs on this device.',
    )
  })
})
