import { attributeFault } from './attributeFault.ts'
import type { ConstantNamed } from './constantExpression.ts'
import {
  type KernelProgram,
  type KernelRefusal,
  MAX_EXPANDED_TOKENS,
  MAX_NESTING,
  MAX_PROGRAM_BYTES,
} from './kernelProgram.ts'
import { expandedTokens } from './kernelWork.ts'
import { outlineOf, type ProgramOutline, recursiveCall } from './programOutline.ts'
import { constantsOf, constantValues, isOfItself } from './programOverrides.ts'
import { sizeFault, typeFault } from './programSize.ts'
import { shapeFault } from './shapeFault.ts'
import {
  bracketsOf,
  refusalAt,
  tokensOf,
  tooManyAngles,
  type WgslToken,
  withoutComments,
} from './wgslText.ts'

/** A program of which the gate has read the tokens, and found nothing that a parser would take long over. */
export interface ReadProgram {
  /** Without comments; every place keeps its line and column. */
  code: string
  tokens: readonly WgslToken[]
  /** Where brackets close, by the indices of their tokens. */
  closes: ReadonlyMap<number, number>
  constants: ReturnType<typeof constantsOf>
  /** Values of the module's constants and overrides. */
  constantNamed: ConstantNamed
  outline: ProgramOutline
}

/**
 * The gate's own reading of a program, before any parser sees it: linear in its length, whatever it holds. wgsl_reflect follows
 * every type and every call, so only what passes here may be handed to it.
 */
export function readProgram({
  program: text,
  entryPoint,
  overrides,
}: Pick<KernelProgram, 'program' | 'entryPoint' | 'overrides'>): ReadProgram | { refusal: KernelRefusal } {
  if (text.length > MAX_PROGRAM_BYTES || new TextEncoder().encode(text).length > MAX_PROGRAM_BYTES)
    return { refusal: refusalAt('', 0, 'size', `The program is longer than ${MAX_PROGRAM_BYTES} bytes.`) }
  const blanked = withoutComments(text)
  if ('refusal' in blanked) return { refusal: blanked.refusal }
  const { code } = blanked
  const tokens = tokensOf(code)
  const large = sizeFault(code, tokens)
  if (large) return { refusal: large }
  const reserved = tokens.find((token) => token.text.startsWith('opentab_'))
  if (reserved)
    return {
      refusal: refusalAt(code, reserved.at, 'text', `The name ${reserved.text} begins with \`opentab_\`.`),
    }
  const shape = shapeFault(code, tokens)
  if (shape) return { refusal: shape }
  const types = typeFault(code, tokens)
  if (types) return { refusal: types }
  const attribute = attributeFault(code, tokens)
  if (attribute) return { refusal: attribute }
  const brackets = bracketsOf(code, tokens, MAX_NESTING)
  if ('refusal' in brackets) return { refusal: brackets.refusal }
  const angles = tooManyAngles(code, tokens)
  if (angles) return { refusal: angles }

  const constants = constantsOf(tokens)
  const ofItself = constants.find(isOfItself)
  if (ofItself)
    return { refusal: refusalAt(code, ofItself.at, 'syntax', `${ofItself.name} is made of itself.`) }
  const numbers = constantValues(constants, overrides)
  const constantNamed: ConstantNamed = (name) => numbers.get(name)
  const outline = outlineOf(code, tokens, brackets.closes, constantNamed)
  if ('refusal' in outline) return { refusal: outline.refusal }
  const again = recursiveCall(outline)
  if (again) {
    const place = tokens[again.token]!.at
    return { refusal: refusalAt(code, place, 'recursion', `${again.callee} comes to call itself here.`) }
  }
  const entry = outline.functions.get(entryPoint)
  const expanded = entry ? expandedTokens(outline, entryPoint) : 0
  if (expanded > MAX_EXPANDED_TOKENS) {
    const place = tokens[entry!.token]!.at
    return {
      refusal: refusalAt(code, place, 'size', `With its calls written out it has ${expanded} tokens.`),
    }
  }
  return { code, tokens, closes: brackets.closes, constants, constantNamed, outline }
}
