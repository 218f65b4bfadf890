import { describe, expect, it } from 'vitest'
import { bindingFault } from './bindingFault.ts'

const limits = {
  maxStorageBuffersPerShaderStage: 8,
  maxUniformBuffersPerShaderStage: 12,
  maxBindGroups: 4,
  maxBindingsPerBindGroup: 1000,
}
const of = (type: 'uniform' | 'storage', count: number) =>
  Array.from({ length: count }, (_, binding) => ({ type, group: 0, binding }))

describe('what a device cannot bind', () => {
  it('is named by the limit, its value and what was wanted', () => {
    expect(bindingFault(limits, of('storage', 9), null)).toBe(
      'The kernel binds 9 storage buffers; this device has maxStorageBuffersPerShaderStage 8.',
    )
    expect(bindingFault(limits, of('storage', 8), { group: 1, binding: 0 })).toBe(
      'The kernel binds 9 storage buffers, one of them to count the rounds of its loops; this device has maxStorageBuffersPerShaderStage 8.',
    )
    expect(bindingFault(limits, of('uniform', 13), null)).toBe(
      'The kernel binds 13 uniform buffers; this device has maxUniformBuffersPerShaderStage 12.',
    )
    expect(bindingFault(limits, [{ type: 'storage', group: 4, binding: 0 }], null)).toBe(
      'The kernel binds 5 bind groups; this device has maxBindGroups 4.',
    )
    expect(bindingFault(limits, [{ type: 'storage', group: 0, binding: 1000 }], null)).toBe(
      'The kernel binds 1001 places of a group; this device has maxBindingsPerBindGroup 1000.',
    )
  })

  it('is nothing up to the limits', () => {
    const most = [...of('storage', 8), ...of('uniform', 12)]
    expect(bindingFault(limits, most, null)).toBeNull()
  })
})
