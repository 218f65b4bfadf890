import type { KernelVariant } from '../../shaders/kernel.ts'
import type { Shape } from '../../shaders/size.ts'

/** One way to compute a kernel that the page can time. All sides of one kernel, shape and seed get the same inputs. */
export type KernelSide = {
  /** Name of a kernel of the library, whose suite makes the inputs and judges every side's outputs. */
  kernel: string
  shape: Shape
  /** u32 from which the inputs are made. */
  seed: number
} & (
  | { by: 'opentab'; choice: VariantChoice }
  | { by: 'onnx-webgpu' | 'onnx-wasm'; form: string }
  | { by: 'tensorflow' }
)

/** What runs: what a tab takes that has measured nothing, what its tuner finds for the shape, or one variant. */
export type VariantChoice = 'chosen' | 'tuned' | OneChoice
export interface OneChoice {
  variant: string
  tuning: Readonly<Record<string, number>>
}

/** What the page says of its adapter. */
export interface PageAdapter {
  vendor: string
  architecture: string
  description: string
  isFallbackAdapter: boolean
  features: readonly string[]
}

/** What the benchmark calls in the page; sides are named by the caller. */
export interface KernelPage {
  /** The adapter of the kernels' device, which ONNX Runtime's WebGPU shares. */
  adapter(): Promise<PageAdapter>
  /**
   * Makes a side ready: uploads its inputs, compiles, runs it once and checks what comes out.
   * @returns what runs, in words
   * @throws Error when its result is wrong: wrong answers are not timed
   */
  prepare(name: string, side: KernelSide): Promise<string>
  /** Runs a side `times` times with inputs and outputs where they are. @returns ms until the last run has ended */
  turn(name: string, times: number): Promise<number>
  /** Frees a side. */
  release(name: string): void
  /** Every variant of a kernel (of one family) that runs on this device, with every combination of its tuning. */
  choices(kernel: string, family?: KernelVariant['family']): Promise<OneChoice[]>
  /**
   * From loaded code to a first result in JavaScript: opening the device, compiling, uploading, running, reading.
   * Once in a page.
   * @returns ms
   */
  firstResult(side: KernelSide): Promise<number>
}
