import { bytesOf, operationsOf } from '../../../shaders/canonicalCost.ts'
import { argumentsOf, type KernelDescriptor } from '../../../shaders/kernel.ts'
import type { Shape } from '../../../shaders/size.ts'

/** Largest work of a shape that stands for others. */
export interface ProxyLimits {
  /** Canonical operations. */
  operations: number
  /** Canonical bytes: they have to be made and uploaded. */
  bytes: number
}

/**
 * A shape of at most that much work that keeps the proportions: the argument that is largest is halved, again and again,
 * while there is one whose half the kernel takes and that makes the work less. The shape itself where it is small.
 */
export function proxyShapeOf(kernel: KernelDescriptor, shape: Shape, limits: ProxyLimits): Shape {
  let proxy = shape
  const isLarge = () =>
    operationsOf(kernel, proxy) > limits.operations || bytesOf(kernel, proxy) > limits.bytes
  while (isLarge()) {
    const smaller = argumentsOf(kernel)
      .filter(({ type }) => type !== 'f32')
      .map(({ name, least, multipleOf = 1 }) => {
        const half = Math.floor(proxy[name]! / 2 / multipleOf) * multipleOf
        return { name, size: proxy[name]!, half, taken: half >= Math.max(least, 1) }
      })
      .filter(({ name, half, taken }) => taken && isLess(kernel, { ...proxy, [name]: half }, proxy))
      .sort((a, b) => b.size - a.size)[0]
    if (!smaller) break
    proxy = { ...proxy, [smaller.name]: smaller.half }
  }
  return proxy
}

const isLess = (kernel: KernelDescriptor, a: Shape, b: Shape): boolean =>
  operationsOf(kernel, a) < operationsOf(kernel, b) || bytesOf(kernel, a) < bytesOf(kernel, b)
