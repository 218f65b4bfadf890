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

const within = (least: number, most: number) => ({
  holds: (value: number) => Number.isInteger(value) && value >= least && value <= most,
  inWords: `a whole number from ${least} to ${most}`,
})

/** What a value that a job gives must be to be one of an override's type: a device refuses another, or rounds it. */
const scalarTypes = {
  u32: within(0, 2 ** 32 - 1),
  i32: within(-(2 ** 31), 2 ** 31 - 1),
  f32: {
    holds: (value: number) => Number.isFinite(Math.fround(value)),
    inWords: 'a number from -3.4e38 to 3.4e38',
  },
  f16: { holds: (value: number) => Math.abs(value) < 65_520, inWords: 'a number from -65504 to 65504' },
} as const

/** Type of an override that is written, or that its one literal has; null for `bool`, which takes any number, and another. */
function scalarTypeOf({ type, initial }: ModuleConstant): keyof typeof scalarTypes | null {
  if (type !== null) return Object.hasOwn(scalarTypes, type) ? (type as keyof typeof scalarTypes) : null
  const literal = initial?.findLast(({ text }) => text !== '-')?.text ?? ''
  if (initial === null || initial.some(({ text }) => text !== '-' && text !== literal)) return null
  if (/^(?:0[xX][0-9a-fA-F]+|\d+)[iu]?$/.test(literal)) return literal.endsWith('u') ? 'u32' : 'i32'
  if (/^(?:\d|\.\d)/.test(literal)) return literal.endsWith('h') ? 'f16' : 'f32'
  return null
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
    ...overrides.flatMap((override) => {
      const value = Object.hasOwn(job.overrides, override.key!) ? job.overrides[override.key!] : undefined
      const type = scalarTypeOf(override)
      if (value === undefined || type === null || scalarTypes[type].holds(value)) return []
      const { name, at: place } = override
      const is = `The override ${name} is ${type}, ${scalarTypes[type].inWords}`
      return [at(place, 'override', `${is}; ${value} was given.`)]
    }),
  ]
}
