/**
 * A program without comments and without the insides of its functions, every line where it was. Reflection needs no
 * more; and wgsl_reflect 1.6 refuses bodies that WGSL allows (a variable called `read`), and those being typed.
 */
export function declarationsOf(text: string): string {
  const plain = text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, blank)
  let kept = ''
  let from = 0
  for (const { index } of plain.matchAll(/\bfn\b/g)) {
    // A function inside what is already blanked.
    if (index < from) continue
    const open = plain.indexOf('{', index)
    if (open < 0) break
    const close = endOfBlock(plain, open)
    kept += plain.slice(from, open + 1) + blank(plain.slice(open + 1, close))
    from = close
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
