/**
 * Microseconds that Chromium's software adapter takes to compile one of each, as processor time of its GPU process with nothing
 * else running (two cores, 2026). Its compiler writes out every call and takes more than in proportion, so a price is what one
 * of so many takes as fill MAX_COMPILE_MS: programs of fewer compile faster than they are priced. Each lane of its vectors looks
 * at memory for itself, behind a test of its own: an element that only the run knows is as dear as ten sums.
 */
export const price = {
  token: 15,
  /** A loop whose iterations are counted, and one whose end is known. */
  countedLoop: 7_500,
  knownLoop: 2_500,
  /** A block that only some lanes run. */
  branch: 1_000,
  /** Of a `case`, for each value but the first. */
  selector: 150,
  /** A `return` that only some lanes come to. */
  earlyReturn: 1_800,
  /** `&&` and `||` are branches too. */
  shortCircuit: 1_200,
  /** For each word: of an element that only the run knows, or of memory that others see; of a variable in such memory. */
  element: 1_200,
  shared: 800,
  uniform: 75,
  /** For each word of a value larger than a vector: zeroed, made, moved. */
  zeroed: 350,
  made: 150,
  moved: 28,
  /** For each word of the module's variables, once: a workgroup's are zeroed one by one. */
  private: 60,
  workgroup: 370,
  /** For each component. */
  quotient: 750,
  conversion: 1_700,
  /** For each word of a matrix. */
  product: 270,
  shift: 250,
} as const

/** Built-in functions and constructors, for each component; the others take `OTHER`. */
const componentPrices: readonly [names: RegExp, microseconds: number][] = [
  [/^(?:first(?:Leading|Trailing)Bit|count(?:Leading|Trailing)Zeros)$/, 3_600],
  [/^atan2$/, 2_700],
  [/^pow$/, 1_900],
  [/^(?:insertBits|smoothstep|a?(?:sin|cos|tan)h)$/, 1_600],
  [/^(?:exp2?|log2?|a?tan|extractBits|saturate|clamp)$/, 1_200],
  [/^(?:reverseBits|countOneBits|quantizeToF16|a?sin|a?cos|round|min|max|ldexp)$/, 800],
  [/^(?:subgroup|quad)[A-Z]/, 500],
  [/^(?:abs|ceil|degrees|floor|fma|fract|inverseSqrt|mix|radians|sqrt|trunc)$/, 50],
  [/^(?:f16|f32|bool|vec[234][fh]?|mat[234]x[234][fh]?|array)$/, 0],
]
const OTHER = 150
/** Built-in functions whose price does not follow the width of what they take. */
const wholePrices: readonly [names: RegExp, microseconds: number][] = [
  [/^atomicCompareExchangeWeak$/, 3_000],
  [/^(?:un)?pack\w+$/, 2_600],
  [/^dot4[IU]8Packed$/, 1_700],
  [/^(?:atomic[A-Z]\w+|workgroupUniformLoad|determinant)$/, 900],
  [/^(?:workgroup|storage)Barrier$/, 600],
]

/** Microseconds of a built-in function whose statement is made of values of so many components. */
export function builtInPrice(name: string, width: number): number {
  const priceIn = (prices: readonly [RegExp, number][]) => prices.find(([names]) => names.test(name))?.[1]
  return priceIn(wholePrices) ?? (priceIn(componentPrices) ?? OTHER) * width
}

/** Microseconds for each word that is kept over a loop, a branch, and a word of memory that each lane looks at for itself. */
export const keepingPrice = { countedLoop: 40, knownLoop: 20, branch: 6, element: 4 } as const
