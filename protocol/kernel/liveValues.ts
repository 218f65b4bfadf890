import type { FunctionOutline, ProgramOutline } from './programOutline.ts'
import type { ProgramValues } from './programValues.ts'

/**
 * Words that are kept at each token of a function, from its `open`: of each variable and value from where it is declared to
 * where it is named last, in its block, and to the end of a loop in which it is named and not declared. An array of which only
 * the run knows the elements lies in memory instead.
 */
export function liveWords(
  { tokens }: ProgramOutline,
  values: ProgramValues,
  of: FunctionOutline,
): Float64Array {
  const places = new Map<string, number[]>()
  const inMemory = new Set<string>()
  for (let i = of.open; i < of.close; i++) {
    const { text } = tokens[i]!
    if (!/^[A-Za-z_]/.test(text)) continue
    const before = places.get(text)
    if (before) before.push(i)
    else places.set(text, [i])
    const access = values.accesses.get(i)
    if (access?.element === 'found' && access.space === 'function') inMemory.add(text)
  }
  const changes = new Float64Array(of.close - of.open + 2)
  const keep = (declared: number, blockEnd: number): void => {
    const words = values.locals.get(declared) ?? 0
    const { text } = tokens[declared]!
    if (words === 0 || (inMemory.has(text) && words > 4)) return
    let end = lastUntil(places.get(text) ?? [], blockEnd)
    const loop = of.loops.find(({ keyword, close }) => declared < keyword && keyword < end && end < close)
    if (loop) end = loop.close
    const from = Math.max(declared, of.open)
    if (end <= from) return
    changes[from - of.open]! += words
    changes[end - of.open]! -= words
  }
  for (let i = of.token; i < of.open; i++) keep(i, of.close)
  const blocks: number[][] = []
  let declared: number[] = []
  for (let i = of.open; i <= of.close; i++) {
    const { text } = tokens[i]!
    if (text === '{') {
      blocks.push(declared)
      declared = []
    } else if (text === '}') {
      for (const each of declared) keep(each, i)
      declared = blocks.pop() ?? []
    } else if (values.locals.has(i)) declared.push(i)
  }
  for (let i = 1; i < changes.length; i++) changes[i]! += changes[i - 1]!
  return changes
}

/** The last of ascending numbers that is not above another; -1 where there is none. */
function lastUntil(places: readonly number[], most: number): number {
  let [low, high] = [0, places.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (places[middle]! <= most) low = middle + 1
    else high = middle
  }
  return places[low - 1] ?? -1
}
