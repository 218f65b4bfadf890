import type { TunedKernel, TuningReport } from '../../protocol/messages.ts'
import type { Tab } from './tab.ts'

/** Device classes that are remembered; the one heard of longest ago is forgotten first. */
const MOST_CLASSES = 256
/** Kernels and classes of shapes that are remembered of a device class. */
const MOST_SUBJECTS = 64
/** Addresses whose word is remembered for each of them. */
const MOST_WORDS = 64

interface KnownClass {
  /** By kernel, programs and class of shapes: each address's newest choice. */
  words: Map<string, Map<string, TunedKernel>>
  /** Variants that were struck off, by kernel and name. */
  struck: Set<string>
}

/** What tabs measured of kernels, by device class. It lives as long as the relay: tabs tell it anew. */
export class ClassTuning {
  readonly #classes = new Map<string, KnownClass>()

  /** Takes a tab's word. @returns the variants of its class that were not known to be wrong before */
  hear(
    { address, deviceClass }: Pick<Tab, 'address' | 'deviceClass'>,
    report: TuningReport,
  ): TuningReport['struck'] {
    const known = this.#classes.get(deviceClass) ?? { words: new Map(), struck: new Set() }
    this.#classes.delete(deviceClass)
    this.#classes.set(deviceClass, known)
    if (this.#classes.size > MOST_CLASSES) this.#classes.delete(this.#classes.keys().next().value!)
    for (const choice of report.choices) {
      const subject = JSON.stringify([choice.kernel, choice.programs, choice.shapeClass])
      const words = known.words.get(subject) ?? new Map<string, TunedKernel>()
      if (!known.words.has(subject)) {
        if (known.words.size >= MOST_SUBJECTS) continue
        known.words.set(subject, words)
      }
      words.delete(address)
      words.set(address, choice)
      if (words.size > MOST_WORDS) words.delete(words.keys().next().value!)
    }
    return report.struck.filter(({ kernel, variant }) => {
      const name = JSON.stringify([kernel, variant])
      if (known.struck.has(name) || known.struck.size >= MOST_SUBJECTS) return false
      known.struck.add(name)
      return true
    })
  }

  /** For the welcome of a tab of that class: the choice of most addresses for each subject; nothing where none is known. */
  welcomeOf(deviceClass: string): { tuning?: TunedKernel[] } {
    const known = this.#classes.get(deviceClass)
    if (!known || known.words.size === 0) return {}
    return { tuning: [...known.words.values()].map((words) => choiceOfMost([...words.values()])) }
  }
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
