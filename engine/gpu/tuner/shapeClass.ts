import { argumentsOf, type KernelDescriptor } from '../../../shaders/kernel.ts'
import type { Shape } from '../../../shaders/size.ts'

/** Integers up to it are a class each: a few rows or heads more can turn a ranking round. */
const LARGEST_EXACT = 4

/**
 * The class of shapes for which one choice of a variant holds: each integer argument to the nearest power of two, small
 * ones as they are; `k=512 m=4 n=2048`. Numbers that are no integers change no speed and are left out.
 */
export function shapeClassOf(kernel: KernelDescriptor, shape: Shape): string {
  return argumentsOf(kernel)
    .filter(({ type }) => type !== 'f32')
    .map(({ name }) => `${name}=${roundedOf(shape[name]!)}`)
    .sort()
    .join(' ')
}

const roundedOf = (value: number): number =>
  Math.abs(value) <= LARGEST_EXACT ? value : Math.sign(value) * 2 ** Math.round(Math.log2(Math.abs(value)))
