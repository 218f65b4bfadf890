import type { EndMark } from '../../protocol/kernel/boundLoops.ts'
import type { KernelBinding } from '../../protocol/kernel/kernelProgram.ts'

type BindingLimits = Pick<
  GPUSupportedLimits,
  | 'maxStorageBuffersPerShaderStage'
  | 'maxUniformBuffersPerShaderStage'
  | 'maxBindGroups'
  | 'maxBindingsPerBindGroup'
>

/**
 * Why a device cannot bind a kernel's buffers, as a sentence with the limit, its value and what was wanted; null where it
 * can. A browser's own message names none of them.
 * @param mark the buffer that counts rounds of loops, where the program has one
 */
export function bindingFault(
  limits: BindingLimits,
  bindings: readonly Pick<KernelBinding, 'type' | 'group' | 'binding'>[],
  mark: EndMark | null,
): string | null {
  const own = mark ? 1 : 0
  const uniforms = bindings.filter(({ type }) => type === 'uniform').length
  const counting = mark ? ', one of them to count the rounds of its loops' : ''
  const places = mark ? [...bindings, mark] : bindings
  const most = (of: (place: (typeof places)[number]) => number): number => 1 + Math.max(-1, ...places.map(of))
  const wanted = [
    ['maxStorageBuffersPerShaderStage', bindings.length - uniforms + own, `storage buffers${counting}`],
    ['maxUniformBuffersPerShaderStage', uniforms, 'uniform buffers'],
    ['maxBindGroups', most(({ group = 0 }) => group), `bind groups${counting}`],
    ['maxBindingsPerBindGroup', most(({ binding }) => binding), 'places of a group'],
  ] as const
  for (const [limit, count, what] of wanted) {
    if (count > limits[limit])
      return `The kernel binds ${count} ${what}; this device has ${limit} ${limits[limit]}.`
  }
  return null
}
