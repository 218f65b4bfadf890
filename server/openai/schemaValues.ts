import { refuseValue } from './textFields.ts'

/** Longest string and list that a schema may speak of. */
const MAX_COUNT = 1_000_000
/** Grammars write decimal numbers with so many digits after the point. */
export const LEAST_STEP = 1e-15
/** Largest bound of a decimal number. */
const MAX_BOUND = 1e15

export function objectOf(value: unknown, place: string): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    refuseValue(place, 'must be an object')
  return value as object
}

export function listOf(value: unknown, place: string, least = 1): unknown[] {
  if (!Array.isArray(value)) refuseValue(place, 'must be an array')
  if ((value as unknown[]).length < least) refuseValue(place, 'is an empty array')
  return value as unknown[]
}

export function countOf(value: unknown, place: string): number {
  if (!Number.isInteger(value) || Number(value) < 0 || Number(value) > MAX_COUNT)
    refuseValue(place, `must be an integer from 0 to ${MAX_COUNT}`)
  return Number(value)
}

export function integerOf(value: unknown, place: string): number {
  if (!Number.isSafeInteger(value)) refuseValue(place, 'must be an integer below 2^53')
  return Number(value)
}

export function numberOf(value: unknown, place: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) refuseValue(place, 'must be a number')
  return Number(value)
}

/** Whether a grammar can keep a bound of a decimal number; true for what is no number, which is refused elsewhere. */
export const isBound = (value: unknown): boolean =>
  typeof value !== 'number' ||
  !Number.isFinite(value) ||
  (Math.abs(value) <= MAX_BOUND && !/e-|\.\d{16}/.test(String(value)))
