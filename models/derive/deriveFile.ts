import { raiseOpset } from './raiseOpset.ts'
import { type TopTwoClasses, topTwoClasses } from './topTwoClasses.ts'

/** How a served ONNX file is made from a fetched one; the steps are taken in this order. */
export interface DerivationSteps {
  /** The output is replaced by its two best classes (docs/decisions/ocr-top-two.md). */
  topTwoClasses?: TopTwoClasses
  /** Operator set 11 instead of 9, which WebGPU runs whole (docs/decisions/ocr-opset.md). */
  raiseOpset?: true
}

/**
 * The served file. The same source gives the same bytes on every machine.
 * @throws OpentabError `model_refused` when the source is not what a step is made for
 */
export function deriveFile(source: Uint8Array, steps: DerivationSteps): Uint8Array {
  let file = source
  if (steps.topTwoClasses) file = topTwoClasses(file, steps.topTwoClasses)
  if (steps.raiseOpset) file = raiseOpset(file)
  return file
}
