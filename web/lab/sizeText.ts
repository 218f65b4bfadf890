import type { Size } from '../../shaders/size.ts'
import type { Expression } from './session.ts'

/** A size expression of a descriptor as a person writes it: `ceilDiv(n, lanes * 4)`. */
export function sizeText(size: Size): Expression {
  if (typeof size === 'number' || typeof size === 'string') return String(size)
  if ('ceilDiv' in size) return `ceilDiv(${sizeText(size.ceilDiv[0])}, ${sizeText(size.ceilDiv[1])})`
  if ('times' in size) return size.times.map(factor).join(' * ') || '1'
  if ('plus' in size) return size.plus.map(sizeText).join(' + ') || '0'
  if ('min' in size) return `min(${size.min.map(sizeText).join(', ')})`
  return `max(${size.max.map(sizeText).join(', ')})`
}

const factor = (size: Size): string =>
  typeof size === 'object' && 'plus' in size ? `(${sizeText(size)})` : sizeText(size)
