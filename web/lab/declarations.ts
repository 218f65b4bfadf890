/** A function with the attributes before it. */
const FUNCTION = /(?:@\s*\w+(?:\s*\((?:[^()]|\([^()]*\))*\))?\s*)*\bfn\b/g

/**
 * A program without comments, without its functions and without the bodies of its compute entry points, every line
 * where it was. Reflection needs no more; and wgsl_reflect 1.6 refuses what WGSL allows (a variable called `read`, a
 * function called `valueOf`), and what is being typed.
 */
export function declarationsOf(text: string): string {
  const plain = text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, blank)
  let kept = ''
  let from = 0
  for (const { 0: head, index } of plain.matchAll(FUNCTION)) {
    // A function inside what is already blanked.
    if (index < from) continue
    const open = plain.indexOf('{', index)
    if (open < 0) break
    const close = endOfBlock(plain, open)
    const entry = /@\s*compute\b/.test(head)
    const shown = entry ? open + 1 : index
    const end = entry ? close : close + 1
    kept += plain.slice(from, shown) + blank(plain.slice(shown, end))
    from = end
    // A body that is being typed.
    if (entry && close === plain.length) kept += '}'
  }
  return kept + plain.slice(from)
}

const blank = (text: string): string => text.replace(/[^\n]/g, ' ')

/** Where the block that opens at `open` closes; the end of the text where it does not. */
function endOfBlock(text: string, open: number): number {
  let depth = 0
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth++
    else if (text[at] === '}' && --depth === 0) return at
  }
  return text.length
}
