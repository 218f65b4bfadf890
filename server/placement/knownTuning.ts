import { hash } from 'node:crypto'
import type { TunedKernel } from '../../protocol/messages.ts'
import { argumentsOf, type KernelDescriptor, type KernelVariant } from '../../shaders/kernel.ts'
import { descriptorText, kernelNamed } from '../../shaders/library.ts'

/** Largest power of two that a class of shapes may name. */
const MOST_SIZE = 2 ** 31

/** SHA-256 of the descriptors that were asked for, by name. */
const programsByName = new Map<string, string>()

function programsOf(name: string): string {
  const known = programsByName.get(name) ?? hash('sha256', descriptorText(name), 'hex')
  programsByName.set(name, known)
  return known
}

/** The library's variant of those names. */
export const variantNamed = (kernel: string, variant: string): KernelVariant | undefined =>
  kernelNamed(kernel)?.variants.find(({ name }) => name === variant)

/**
 * Whether a choice names a kernel of the library with its programs as they are, one of its variants with a value for
 * each number of its tuning among those that it has, and a class of shapes that the kernel can have.
 */
export function isKnownChoice({ kernel, programs, shapeClass, variant, tuning }: TunedKernel): boolean {
  const found = variantNamed(kernel, variant)
  if (!found || programs !== programsOf(kernel)) return false
  const tunables = Object.entries(found.tuning ?? {})
  return (
    Object.keys(tuning).length === tunables.length &&
    tunables.every(([name, { values }]) => values.includes(tuning[name]!)) &&
    isShapeClass(kernelNamed(kernel)!, shapeClass)
  )
}

/** Whether it is `name=size` of each integer argument in the order of the names, as a tab's tuner writes it (K12). */
function isShapeClass(kernel: KernelDescriptor, shapeClass: string): boolean {
  const names = argumentsOf(kernel)
    .filter(({ type }) => type !== 'f32')
    .map(({ name }) => name)
    .sort()
  const sizes = shapeClass.split(' ').map((part, at) => {
    const [, name, size] = /^(\w+)=(-?(?:0|[1-9]\d{0,9}))$/.exec(part) ?? []
    return name === names[at] ? Math.abs(Number(size)) : Number.NaN
  })
  const isSize = (size: number) =>
    size === 0 || size === 3 || (size <= MOST_SIZE && Number.isInteger(Math.log2(size)))
  return sizes.length === names.length && sizes.every(isSize)
}
