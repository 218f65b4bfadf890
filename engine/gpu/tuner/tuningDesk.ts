import type { TunedKernel, TuningReport } from '../../../protocol/messages.ts'
import type { KernelTask } from '../../../protocol/task.ts'
import type { KernelDescriptor } from '../../../shaders/kernel.ts'
import type { KernelSuite } from '../../../shaders/kernelSuite.ts'
import type { Shape } from '../../../shaders/size.ts'
import { shapeClassOf } from './shapeClass.ts'
import type { Tuner } from './tuner.ts'

/** How long a device has nothing to do before it tunes, ms. */
const IDLE_MS = 5000
/** Classes of shapes that wait for a quiet moment; more are forgotten. */
const MOST_WAITING = 16
/** Limits of the protocol. */
const MOST_TOLD = 64
const REASON_LENGTH = 300

/** Tunes the kernels of tasks while a tab has nothing to do, and speaks with the relay about it. */
export interface TuningDesk {
  /** Runs a task of any kind: tuning waits while one runs, and ends when one comes. */
  during<T>(work: () => Promise<T>): Promise<T>
  /** Puts down that a task asked for a kernel and a class of shapes, to be tuned when there is nothing to do. */
  note(task: KernelTask): void
  /** What tabs of the same class found; what this tab measures itself goes before. */
  adopt(choices: readonly TunedKernel[]): void
  /** Calls back with all that was measured here: now, if there is something, and each time there is more. */
  hear(listener: (report: TuningReport) => void): void
  /** Calls back with what is known by now: earlier visits' measurements were read. */
  tell(): void
  /** Ends what goes on and forgets what waits; from now on nothing more is submitted for it. */
  interrupt(): void
  /** Ends what goes on; nothing is tuned any more. */
  dispose(): void
}

export interface TuningDeskOptions {
  tuner: Tuner
  /** The kernels that tasks name, with the SHA-256 of each one's descriptor. */
  kernels: readonly { kernel: KernelDescriptor; programs: string }[]
  /** What is right for a kernel; asked for only when something is tuned. */
  suiteOf(kernel: string): Promise<KernelSuite | undefined>
  /** Calls back after so many ms, unless it is called off. */
  after(ms: number, call: () => void): () => void
}

export function createTuningDesk({ tuner, kernels, suiteOf, after }: TuningDeskOptions): TuningDesk {
  const waiting = new Map<string, { kernel: KernelDescriptor; shape: Shape }>()
  let running = 0
  let tuning: AbortController | null = null
  let callOff = () => {}
  let disposed = false
  let tell: ((report: TuningReport) => void) | null = null
  const known = (name: string) => kernels.find(({ kernel }) => kernel.name === name)

  function report(): void {
    const choices = kernels.flatMap(({ kernel, programs }) =>
      tuner.measured(kernel).choices.map((choice) => ({ ...choice, programs, tuning: { ...choice.tuning } })),
    )
    const struck = kernels.flatMap(({ kernel }) =>
      tuner
        .measured(kernel)
        .struck.map((variant) => ({ ...variant, reason: variant.reason.slice(0, REASON_LENGTH) })),
    )
    if (choices.length + struck.length === 0) return
    tell?.({ choices: choices.slice(-MOST_TOLD), struck: struck.slice(-MOST_TOLD) })
  }

  /** One class after the other until a task comes. */
  async function tune(): Promise<void> {
    const controller = new AbortController()
    tuning = controller
    try {
      for (const [key, { kernel, shape }] of waiting) {
        if (controller.signal.aborted) return
        const suite = await suiteOf(kernel.name)
        const found = suite ? await tuner.tune(suite, shape, controller.signal) : null
        if (controller.signal.aborted) return
        waiting.delete(key)
        if (found) report()
      }
    } finally {
      if (tuning === controller) tuning = null
    }
  }

  function rest(): void {
    callOff()
    if (disposed || running > 0 || waiting.size === 0) return
    // A device that is lost is somebody else's to notice.
    callOff = after(IDLE_MS, () => void tune().catch(() => waiting.clear()))
  }

  function interrupt(): void {
    callOff()
    tuning?.abort()
    waiting.clear()
  }

  return {
    async during(work) {
      running++
      callOff()
      tuning?.abort()
      try {
        return await work()
      } finally {
        running--
        rest()
      }
    },
    note({ kernel: name, shape }) {
      const found = known(name)
      if (!found || waiting.size >= MOST_WAITING || tuner.isMeasured(found.kernel, shape)) return
      waiting.set(JSON.stringify([name, shapeClassOf(found.kernel, shape)]), { kernel: found.kernel, shape })
    },
    adopt(choices) {
      for (const { programs, ...choice } of choices) {
        const found = known(choice.kernel)
        if (found?.programs === programs) tuner.adopt(found.kernel, [choice])
      }
    },
    hear(listener) {
      tell = listener
      report()
    },
    tell: report,
    interrupt,
    dispose() {
      disposed = true
      interrupt()
    },
  }
}
