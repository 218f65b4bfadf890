import { type ConstantNamed, constantOf } from './constantExpression.ts'
import type { At, Fault } from './kernelFaults.ts'
import type { KernelProgram } from './kernelProgram.ts'
import { WHOLE } from './loopTrips.ts'
import type { WgslToken } from './wgslText.ts'

/** A constant or override of the module. */
interface ModuleConstant {
  name: string
  /** What a job gives its value by: the `@id` where it has one, else the name; null for a `const`. */
  key: string | null
  /** Where its name stands. */
  at: number
  /** The type that is written; null where none is. */
  type: string | null
  /** Tokens of its value; null where it has none. */
  initial: readonly WgslToken[] | null
}

/** The one reading of a program's constants and overrides: where values count, and where they are asked for. */
export function constantsOf(tokens: readonly WgslToken[]): ModuleConstant[] {
  const constants: ModuleConstant[] = []
  let depth = 0
  for (let i = 0; i < tokens.length; i++) {
    const { text } = tokens[i]!
    if (text === '{') depth++
    else if (text === '}') depth--
    if (depth > 0 || (text !== 'const' && text !== 'override') || i + 1 === tokens.length) continue
    const { text: name, at } = tokens[i + 1]!
    const id = tokens[i - 4]?.text === 'id' && tokens[i - 1]!.text === ')' ? tokens[i - 2]!.text : null
    const key = text === 'override' ? (id ?? name) : null
    let end = i
    let equals = -1
    for (; end < tokens.length && tokens[end]!.text !== ';'; end++)
      if (equals < 0 && tokens[end]!.text === '=') equals = end
    const type = tokens[i + 2]?.text === ':' ? (tokens[i + 3]?.text ?? '') : null
    const isPlain = type === null ? equals === i + 2 : equals === i + 4
    const initial = equals < 0 ? null : isPlain ? tokens.slice(equals + 1, end) : []
    constants.push({ name, key, at, type, initial })
    i = end
  }
  return constants
}

/** Whether a constant names itself in its own value. */
export const isOfItself = ({ name, initial }: ModuleConstant): boolean =>
  initial?.some(({ text }, i) => text === name && initial[i - 1]?.text !== '.') ?? false

/** Values of the module's constants and overrides, where they are whole numbers that are known. */
export function constantValues(
  constants: readonly ModuleConstant[],
  overrides: KernelProgram['overrides'],
): ReadonlyMap<string, number> {
  const values = new Map<string, number>()
  const named: ConstantNamed = (name) => values.get(name)
  for (const { name, key, type, initial } of constants) {
    // Of another type, or of one that is not named: not followed.
    const isWhole = type !== null && WHOLE.test(type)
    if (type !== null && !isWhole) continue
    const known = initial === null ? undefined : constantOf(initial, named)
    const given = key !== null && Object.hasOwn(overrides, key) ? overrides[key] : undefined
    // Without a type and with a first value of another kind it may be a fraction that cannot count.
    if (given !== undefined && !isWhole && known === undefined) continue
    const value = given ?? known
    if (value !== undefined && Number.isInteger(value) && Math.abs(value) <= 2 ** 24) values.set(name, value)
  }
  return values
}

export function overrideFaults(constants: readonly ModuleConstant[], job: KernelProgram, at: At): Fault[] {
  const overrides = constants.filter(({ key }) => key !== null)
  const keys = new Set(overrides.map(({ key }) => key))
  return [
    ...Object.entries(job.overrides)
      .filter(([key, value]) => !keys.has(key) || !Number.isFinite(value))
      .map(([key]) => at(0, 'override', `The program has no override ${key.slice(0, 80)}.`)),
    ...overrides
      .filter(({ key, initial }) => initial === null && !Object.hasOwn(job.overrides, key!))
      .map(({ name, at: place }) => at(place, 'override', `The override ${name} has no value.`)),
  ]
}
