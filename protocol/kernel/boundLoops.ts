import type { FunctionOutline, LoopOutline, ProgramOutline } from './programOutline.ts'

/** Where the mark lies that a program makes when its iterations are used up: one u32 in a storage buffer. */
export interface EndMark {
  group: number
  binding: 0
}

const STEPS = 'opentab_steps'
const ROUNDS = 'opentab_rounds'
const ENDED = 'opentab_ended'

const isCounted = ({ trips }: LoopOutline): boolean => trips === null

/** Whether the program has loops that must be counted while it runs. */
export const hasCountedLoops = ({ functions }: ProgramOutline): boolean =>
  [...functions.values()].some(({ loops }) => loops.some(isCounted))

/**
 * The program with a count in every loop whose trips are not known before it runs; when the count is used up the loop is
 * left and the mark is made. Loops in which invocations wait for each other count in a variable of their function, which
 * is the same in all of them, as the barriers want it (WGSL, 15.2: what a private variable holds counts as different);
 * so does each of the others, by itself, where what comes out of their function may say which barriers are met; the rest
 * share one count of the whole invocation. All lines stay where they are.
 */
export function boundLoops(
  code: string,
  { tokens, functions }: ProgramOutline,
  iterations: number,
  mark: EndMark,
): string {
  const insertions: [at: number, text: string][] = []
  const insertAfter = (token: number, text: string): void => {
    insertions.push([tokens[token]!.at + tokens[token]!.text.length, text])
  }
  for (const of of functions.values()) {
    const counted = of.loops.filter(isCounted)
    const names = counted.map(({ waits }, at) => {
      if (waits) return ROUNDS
      return of.apart ? `${ROUNDS}_${at}` : STEPS
    })
    for (const name of new Set(names))
      if (name !== STEPS) insertAfter(of.open, ` var ${name} = ${iterations}u; `)
    for (const [at, { open }] of counted.entries()) {
      const left = names[at]!
      insertAfter(open, ` if (${left} == 0u) { ${ENDED}[0] = 1u; break; } ${left} -= 1u; `)
    }
    if (counted.length > 0 && of.returns && !endsWithReturn(tokens, of)) {
      const [from, to] = of.returns
      const type = code.slice(tokens[from]!.at, tokens[to]!.at).trim()
      // A loop that could only be left by a return can be left by its count.
      insertions.push([tokens[of.close]!.at, ` return ${type}(); `])
    }
  }
  let bounded = ''
  let at = 0
  for (const [place, text] of insertions.sort(([a], [b]) => a - b)) {
    bounded += code.slice(at, place) + text
    at = place
  }
  return (
    `${bounded}${code.slice(at)}\nvar<private> ${STEPS}: u32 = ${iterations}u;\n` +
    `@group(${mark.group}) @binding(${mark.binding}) var<storage, read_write> ${ENDED}: array<u32, 1>;\n`
  )
}

/** Whether the function's last statement is a `return`. */
function endsWithReturn(tokens: ProgramOutline['tokens'], { open, close }: FunctionOutline): boolean {
  if (tokens[close - 1]!.text !== ';') return false
  for (let i = close - 2; i > open; i--) {
    const { text } = tokens[i]!
    if (text === 'return') return true
    if (text === ';' || text === '{' || text === '}') return false
  }
  return false
}
