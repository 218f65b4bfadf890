import { type ConstantNamed, constantOf } from './constantExpression.ts'
import {
  bindingBytes,
  type KernelBinding,
  type KernelProgram,
  type KernelRule,
  MAX_BUFFER_BYTES,
  MAX_INVOCATION_BYTES,
  MAX_KERNEL_BUFFERS,
  MAX_KERNEL_BYTES,
  MAX_UNIFORM_BYTES,
  MAX_WORKGROUP_BYTES,
  MAX_WORKGROUPS,
} from './kernelProgram.ts'
import type { FunctionOutline, ProgramOutline } from './programOutline.ts'
import type { ProgramValues } from './programValues.ts'
import type { ReflectedProgram } from './reflectProgram.ts'
import type { WgslToken } from './wgslText.ts'

/** Why a kernel is refused, at a place of the text. */
export interface Fault {
  place: number
  rule: KernelRule
  message: string
}
export type At = (place: number, rule: KernelRule, message: string) => Fault
export type WorkgroupSize = readonly [number, number, number]

const MAX_SIZE = [256, 256, 64] as const
const MAX_INVOCATIONS = 256

export const productOf = (numbers: readonly number[]): number =>
  numbers.reduce((product, number) => product * number, 1)

/** Index of the entry point's `workgroup_size`; null where it has none. */
export function workgroupSizeAt(tokens: readonly WgslToken[], { token }: FunctionOutline): number | null {
  for (let i = token - 2; i > 0 && !/^[;}]$/.test(tokens[i]!.text); i--)
    if (tokens[i]!.text === 'workgroup_size') return i
  return null
}

/** x, y and z of a `@workgroup_size`; null where they are not known. */
export function workgroupSizeOf(
  tokens: readonly WgslToken[],
  i: number | null,
  closes: ReadonlyMap<number, number>,
  constantNamed: ConstantNamed,
): WorkgroupSize | null {
  if (i === null) return null
  const parts: WgslToken[][] = [[]]
  let depth = 0
  for (const each of tokens.slice(i + 2, closes.get(i + 1) ?? i + 2)) {
    if (each.text === '(') depth++
    else if (each.text === ')') depth--
    if (each.text === ',' && depth === 0) parts.push([])
    else parts.at(-1)!.push(each)
  }
  const sizes = parts.filter((part) => part.length > 0).map((part) => constantOf(part, constantNamed))
  if (sizes.length === 0 || sizes.length > 3 || sizes.includes(undefined)) return null
  const [x, y = 1, z = 1] = sizes as number[]
  return [x!, y, z]
}

export function sizeFaults(size: WorkgroupSize | null, place: number, at: At): Fault[] {
  if (size === null)
    return [
      at(place, 'workgroup', 'The size of the workgroup is not known: it needs constants or overrides.'),
    ]
  const right =
    size.every((each, i) => each >= 1 && each <= MAX_SIZE[i]!) && productOf(size) <= MAX_INVOCATIONS
  return right
    ? []
    : [
        at(
          place,
          'workgroup',
          `A workgroup of ${size.join(' x ')} is larger than 256 x 256 x 64 or than 256 in all.`,
        ),
      ]
}

export function dispatchFaults({ dispatch }: KernelProgram, place: number, at: At): Fault[] {
  const right =
    dispatch.length === 3 &&
    dispatch.every((each) => Number.isInteger(each) && each >= 1 && each <= MAX_WORKGROUPS)
  return right
    ? []
    : [
        at(
          place,
          'dispatch',
          `A dispatch of ${dispatch.join(' x ')} is not 1 to ${MAX_WORKGROUPS} in x, y and z.`,
        ),
      ]
}

/** Memory that every workgroup and every invocation takes, by what is declared. Buffers have their size from the job. */
export function memoryFaults(
  { tokens, functions }: ProgramOutline,
  { variables }: ProgramValues,
  at: At,
): Fault[] {
  const faults: Fault[] = []
  const taken = new Map<string, number>()
  for (const { space, of, token, bytes } of variables) {
    const { text, at: place } = tokens[token]!
    const key = of ?? `${space} `
    const before = taken.get(key) ?? 0
    const most = space === 'workgroup' ? MAX_WORKGROUP_BYTES : MAX_INVOCATION_BYTES
    taken.set(key, before + bytes)
    if (bytes === Infinity) faults.push(at(place, 'memory', `The size of ${text} is not known.`))
    else if (before <= most && before + bytes > most)
      faults.push(
        at(
          place,
          'memory',
          `With ${text} the variables of ${space === 'function' ? of : space} take ${before + bytes} bytes; ${most} are allowed.`,
        ),
      )
  }
  if (faults.length > 0) return faults
  const known = new Map<string, number>()
  const withCalls = ({ name, calls }: FunctionOutline): number => {
    const before = known.get(name)
    if (before !== undefined) return before
    let most = 0
    for (const { callee } of calls) most = Math.max(most, withCalls(functions.get(callee)!))
    const bytes = (taken.get(name) ?? 0) + most
    known.set(name, bytes)
    return bytes
  }
  for (const of of functions.values()) {
    const bytes = withCalls(of)
    if (bytes > MAX_INVOCATION_BYTES)
      faults.push(
        at(
          tokens[of.token]!.at,
          'memory',
          `The variables of ${of.name} and of what it calls take ${bytes} bytes; ${MAX_INVOCATION_BYTES} are allowed.`,
        ),
      )
  }
  return faults
}

export function bufferFaults({ bindings }: KernelProgram, place: number, at: At): Fault[] {
  const faults: Fault[] = []
  if (bindings.length > MAX_KERNEL_BUFFERS)
    return [
      at(place, 'buffers', `The job has ${bindings.length} buffers; ${MAX_KERNEL_BUFFERS} are allowed.`),
    ]
  let sum = 0
  for (const binding of bindings) {
    const bytes = bindingBytes(binding)
    const most = binding.type === 'uniform' ? MAX_UNIFORM_BYTES : MAX_BUFFER_BYTES
    sum += bytes
    if (!(bytes > 0 && bytes <= most))
      faults.push(at(place, 'buffers', `${binding.name} has ${bytes} bytes; 1 to ${most} are allowed.`))
  }
  if (sum > MAX_KERNEL_BYTES)
    faults.push(
      at(place, 'buffers', `The buffers have ${sum} bytes together; ${MAX_KERNEL_BYTES} are allowed.`),
    )
  return faults
}

export function bindingFaults(
  tokens: readonly WgslToken[],
  { buffers, others }: ReflectedProgram,
  job: KernelProgram,
  entryAt: number,
  at: At,
): Fault[] {
  const declaredAt = (name: string): number =>
    tokens.find((token, i) => token.text === name && /^(?:>|var)$/.test(tokens[i - 1]?.text ?? ''))?.at ??
    entryAt
  const faults = others
    .slice(0, 20)
    .map((name) => at(declaredAt(name), 'resource', `${name} is no uniform or storage buffer.`))
  const key = ({ group = 0, binding }: { group?: number; binding: number }): string => `${group}/${binding}`
  const given = new Map<string, KernelBinding>()
  const names = new Set<string>()
  for (const binding of job.bindings) {
    const { group = 0, name } = binding
    if (given.has(key(binding)) || names.has(name))
      faults.push(
        at(entryAt, 'binding', `The job has ${name} at group ${group}, binding ${binding.binding} twice.`),
      )
    if (
      !(
        Number.isInteger(group) &&
        group >= 0 &&
        group <= 2 &&
        Number.isInteger(binding.binding) &&
        binding.binding >= 0 &&
        binding.binding < 1000
      )
    )
      faults.push(at(entryAt, 'binding', `${name} is bound outside of groups 0 to 2 and bindings 0 to 999.`))
    given.set(key(binding), binding)
    names.add(name)
  }
  for (const { name, type, leastBytes, ...place } of buffers) {
    const binding = given.get(key(place))
    given.delete(key(place))
    const where = `group ${place.group}, binding ${place.binding}`
    if (!binding) faults.push(at(declaredAt(name), 'binding', `The job binds nothing to ${name} (${where}).`))
    else if (binding.type !== type)
      faults.push(
        at(declaredAt(name), 'binding', `${name} (${where}) is ${type} and the job says ${binding.type}.`),
      )
    else if (leastBytes > bindingBytes(binding))
      faults.push(
        at(
          declaredAt(name),
          'binding',
          `${name} (${where}) needs ${leastBytes} bytes and ${binding.name} has ${bindingBytes(binding)}.`,
        ),
      )
  }
  for (const { name, group = 0, binding } of given.values())
    faults.push(
      at(entryAt, 'binding', `The program uses nothing at group ${group}, binding ${binding} (${name}).`),
    )
  return faults
}
