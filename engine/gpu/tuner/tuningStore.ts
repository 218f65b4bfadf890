/** The variant that was found fastest for a kernel and a class of shapes. */
export interface TunedChoice {
  /** Name of the kernel. */
  kernel: string
  /** Class of shapes (shapeClass.ts). */
  shapeClass: string
  /** Name of the variant. */
  variant: string
  /** Values of its tuning. */
  tuning: Readonly<Record<string, number>>
  /** Median time of the shape that was measured, ms. */
  ms: number
}

/** A variant that failed its check on this device. */
export interface StruckVariant {
  kernel: string
  variant: string
  /** What was wrong, in a sentence. */
  reason: string
}

/** What is known of one kernel, as its programs are now, on one adapter. */
export interface KernelTuning {
  choices: readonly TunedChoice[]
  struck: readonly StruckVariant[]
}

/** Keeps what was measured between visits. `scope` names adapter, browser and programs. */
export interface TuningStore {
  read(scope: string): Promise<KernelTuning | undefined>
  write(scope: string, tuning: KernelTuning): Promise<void>
}

/** A store that forgets with its page. */
export function createMemoryTuningStore(): TuningStore {
  const known = new Map<string, KernelTuning>()
  return {
    read: async (scope) => known.get(scope),
    async write(scope, tuning) {
      known.set(scope, tuning)
    },
  }
}
