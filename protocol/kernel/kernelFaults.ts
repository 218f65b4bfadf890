import { type ConstantNamed, constantOf } from './constantExpression.ts'
import {
  bindingBytes,
  type KernelBinding,
  type KernelProgram,
  type KernelRule,
  MAX_ARRAY_BYTES,
  MAX_BUFFER_BYTES,
  MAX_KERNEL_BUFFERS,
  MAX_KERNEL_BYTES,
  MAX_UNIFORM_BYTES,
  MAX_WORKGROUP_BYTES,
  MAX_WORKGROUPS,
} from './kernelProgram.ts'
import type { FunctionOutline } from './programOutline.ts'
import type { ReflectedProgram } from './reflectProgram.ts'
import { typeBytes } from './typeBytes.ts'
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

/** x, y and z of the entry point's `@workgroup_size`; null where they are not known. */
export function workgroupSizeOf(
  tokens: readonly WgslToken[],
  { token }: FunctionOutline,
  closes: ReadonlyMap<number, number>,
  constantNamed: ConstantNamed,
): WorkgroupSize | null {
  for (let i = token - 2; i > 0 && !/^[;}]$/.test(tokens[i]!.text); i--) {
    if (tokens[i]!.text !== 'workgroup_size') continue
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
  return null
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

export function memoryFaults(
  tokens: readonly WgslToken[],
  entry: number,
  constantNamed: ConstantNamed,
  { structBytes }: ReflectedProgram,
  at: At,
): Fault[] {
  const faults: Fault[] = []
  let workgroupBytes = 0
  let depth = 0
  for (let i = 0; i < tokens.length; i++) {
    const { text, at: place } = tokens[i]!
    if (text === '{') depth++
    else if (text === '}') depth--
    const space = text === 'var' && tokens[i + 1]?.text === '<' ? tokens[i + 2]!.text : ''
    if (space === 'workgroup') {
      // `var<workgroup> name: type`
      const colon = tokens[i + 5]?.text === ':' ? i + 5 : -1
      const bytes = colon < 0 ? undefined : typeBytes(tokens, colon + 1, constantNamed, structBytes)
      if (bytes === undefined)
        faults.push(at(place, 'memory', 'The size of this workgroup variable is not known.'))
      else workgroupBytes += bytes
    }
    // Storage and uniform buffers have their size from the job; every other array is memory of each invocation.
    const isNamed = depth > 0 && /^[:<]$/.test(tokens[i - 1]?.text ?? '') && /^\w/.test(text)
    const isArray = text === 'array' && tokens[i + 1]?.text === '<' && (depth > 0 || isPrivate(tokens, i))
    const bytes = isArray || isNamed ? typeBytes(tokens, i, constantNamed, structBytes) : undefined
    if (bytes !== undefined && bytes > MAX_ARRAY_BYTES && !isMember(tokens, i, depth))
      faults.push(
        at(
          place,
          'memory',
          `This array takes ${bytes} bytes in every invocation; ${MAX_ARRAY_BYTES} are allowed.`,
        ),
      )
  }
  if (workgroupBytes > MAX_WORKGROUP_BYTES) {
    const message = `The workgroup variables take ${workgroupBytes} bytes; ${MAX_WORKGROUP_BYTES} are allowed.`
    faults.push(at(tokens[entry]!.at, 'memory', message))
  }
  return faults
}

/** Whether the array stands in a `var<private>` of the module. */
function isPrivate(tokens: readonly WgslToken[], array: number): boolean {
  for (let i = array; i > 0 && !/^[;}]$/.test(tokens[i]!.text); i--)
    if (tokens[i]!.text === 'private') return true
  return false
}

/** Whether the array is the type of a struct's member, which takes memory only where the struct is used. */
function isMember(tokens: readonly WgslToken[], array: number, depth: number): boolean {
  if (depth !== 1) return false
  for (let i = array; i > 1; i--) if (tokens[i]!.text === '{') return tokens[i - 2]!.text === 'struct'
  return false
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
