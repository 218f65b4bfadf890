import type { TunedKernel, TuningReport } from '../../protocol/messages.ts'
import { isKnownChoice, variantNamed } from './knownTuning.ts'
import type { Tab } from './tab.ts'

/** Device classes that are remembered. */
const MOST_CLASSES = 256
/** Kernels and classes of shapes that are remembered of a device class. */
const MOST_SUBJECTS = 64
/** Addresses whose word is remembered for each of them. */
const MOST_WORDS = 64

/** Each address's newest choice, for one kernel and class of shapes. */
type Words = Map<string, TunedKernel>

interface KnownClass {
  /** By kernel and class of shapes, the one heard of longest ago first. */
  words: Map<string, Words>
  /** Variants that were struck off, by kernel and name: the address that said so. */
  struck: Map<string, string>
}

/**
 * What tabs measured of kernels, by device class. It lives as long as the relay: tabs tell it anew. An address costs
 * nothing, so one without standing is heard only where nobody else spoke, and its word counts until another comes.
 */
export class ClassTuning {
  /** The one heard of longest ago first. */
  readonly #classes = new Map<string, KnownClass>()
  readonly #hasStanding: (address: string) => boolean

  /** `hasStanding`: whether enough results of an address were found right. */
  constructor(hasStanding: (address: string) => boolean) {
    this.#hasStanding = hasStanding
  }

  /** Takes a tab's word. @returns the variants of its class that were not known to be wrong before */
  hear(
    { address, deviceClass }: Pick<Tab, 'address' | 'deviceClass'>,
    report: TuningReport,
  ): TuningReport['struck'] {
    const choices = report.choices.filter(isKnownChoice)
    const struck = report.struck.filter(({ kernel, variant }) => variantNamed(kernel, variant))
    if (choices.length + struck.length === 0) return []
    const standing = this.#hasStanding(address)
    const known = this.#classes.get(deviceClass) ?? { words: new Map(), struck: new Map() }
    if (!standing && addressesOf(known).some((other) => other !== address)) return []
    if (!this.#classes.has(deviceClass) && !this.#makeRoom(standing)) return []
    this.#classes.delete(deviceClass)
    this.#classes.set(deviceClass, known)
    for (const choice of choices) this.#take(known, address, choice)
    return struck.filter(({ kernel, variant }) => {
      const name = JSON.stringify([kernel, variant])
      const teller = known.struck.get(name)
      if (teller !== undefined && (!standing || this.#hasStanding(teller))) return false
      known.struck.set(name, address)
      return true
    })
  }

  /**
   * For the welcome of a tab of that class: the choice of most addresses with standing for each subject, of any where
   * none of them has; nothing where none is known.
   */
  welcomeOf(deviceClass: string): { tuning?: TunedKernel[] } {
    const known = this.#classes.get(deviceClass)
    if (!known || known.words.size === 0) return {}
    return {
      tuning: [...known.words.values()].map((words) => {
        const backed = [...words].filter(([address]) => this.#hasStanding(address))
        return choiceOfMost((backed.length > 0 ? backed : [...words]).map(([, choice]) => choice))
      }),
    }
  }

  #take({ words }: KnownClass, address: string, choice: TunedKernel): void {
    const subject = JSON.stringify([choice.kernel, choice.shapeClass])
    const said: Words = words.get(subject) ?? new Map()
    if (!words.delete(subject) && words.size >= MOST_SUBJECTS) {
      words.delete(leastOf(words, ([, of]) => this.#votes(of.keys())))
    }
    words.set(subject, said)
    if (!said.delete(address) && said.size >= MOST_WORDS) {
      said.delete(leastOf(said, ([other]) => this.#votes([other])))
    }
    said.set(address, choice)
  }

  /** Makes room for one more class; whoever is without standing takes none from those who have it. */
  #makeRoom(standing: boolean): boolean {
    if (this.#classes.size < MOST_CLASSES) return true
    const votes = (known: KnownClass) => Math.min(1, this.#votes(addressesOf(known)))
    const least = leastOf(this.#classes, ([, known]) => votes(known))
    if (!standing && votes(this.#classes.get(least)!) > 0) return false
    return this.#classes.delete(least)
  }

  /** How many of the addresses have standing. */
  #votes(addresses: Iterable<string>): number {
    return [...addresses].filter((address) => this.#hasStanding(address)).length
  }
}

const addressesOf = ({ words, struck }: KnownClass): string[] => [
  ...new Set([...words.values()].flatMap((said) => [...said.keys()])),
  ...struck.values(),
]

/** The key of least weight, of equal ones the first. */
function leastOf<T>(map: ReadonlyMap<string, T>, weightOf: (entry: [string, T]) => number): string {
  return [...map]
    .map((entry) => ({ key: entry[0], weight: weightOf(entry) }))
    .reduce((a, b) => (b.weight < a.weight ? b : a)).key
}

function choiceOfMost(choices: readonly TunedKernel[]): TunedKernel {
  const alike = Map.groupBy(choices, ({ variant, tuning }) =>
    JSON.stringify([variant, Object.entries(tuning).sort()]),
  )
  const fastestOf = (group: readonly TunedKernel[]) => group.reduce((a, b) => (b.ms < a.ms ? b : a))
  return [...alike.values()]
    .map((group) => ({ count: group.length, fastest: fastestOf(group) }))
    .reduce((a, b) => (b.count > a.count || (b.count === a.count && b.fastest.ms < a.fastest.ms) ? b : a))
    .fastest
}
