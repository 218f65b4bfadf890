import { OpentabError } from '../protocol/errors.ts'

/** Values of a task's arguments (dimensions and parameters) by name. */
export type Shape = Readonly<Record<string, number>>

/** A number: itself, the value of an argument, or an expression over them. */
export type Size =
  | number
  | string
  | { ceilDiv: readonly [Size, Size] }
  | { times: readonly Size[] }
  | { plus: readonly Size[] }
  | { min: readonly Size[] }
  | { max: readonly Size[] }

/**
 * The value of a size expression.
 * @throws OpentabError `internal` when it names an argument that the shape lacks
 */
export function sizeOf(size: Size, shape: Shape): number {
  if (typeof size === 'number') return size
  if (typeof size === 'string') {
    const value = shape[size]
    if (value === undefined)
      throw new OpentabError('internal', `A size names ${size}, which has no value here.`)
    return value
  }
  if ('ceilDiv' in size) return Math.ceil(sizeOf(size.ceilDiv[0], shape) / sizeOf(size.ceilDiv[1], shape))
  if ('times' in size) {
    return size.times.reduce((product: number, factor) => product * sizeOf(factor, shape), 1)
  }
  if ('plus' in size) return size.plus.reduce((sum: number, part) => sum + sizeOf(part, shape), 0)
  if ('min' in size) return Math.min(...size.min.map((part) => sizeOf(part, shape)))
  return Math.max(...size.max.map((part) => sizeOf(part, shape)))
}

/** Every argument that an expression names. */
export function namesIn(size: Size): string[] {
  if (typeof size === 'number') return []
  if (typeof size === 'string') return [size]
  return Object.values(size).flatMap((parts: readonly Size[]) => parts.flatMap(namesIn))
}
