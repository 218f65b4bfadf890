import { chooseVariant } from '../../../engine/gpu/chooseVariant.ts'
import type { OpenedDevice } from '../../../engine/gpu/openDevice.ts'
import { createTuner } from '../../../engine/gpu/tuner/tuner.ts'
import { createMemoryTuningStore } from '../../../engine/gpu/tuner/tuningStore.ts'
import { type KernelVariant, withTuning } from '../../../shaders/kernel.ts'
import type { KernelSuite } from '../../../shaders/kernelSuite.ts'
import type { Shape } from '../../../shaders/size.ts'
import type { VariantChoice } from '../kernelPageApi.ts'

/** The variant that a choice means; `tuned` searches as a tab does that knows nothing yet. */
export async function variantOf(
  { device, info }: OpenedDevice,
  suite: KernelSuite,
  shape: Shape,
  choice: VariantChoice,
): Promise<KernelVariant> {
  const { kernel } = suite
  if (choice === 'chosen') return chooseVariant(kernel, info, shape)
  if (choice === 'tuned') {
    const tuner = createTuner(device, info, { store: createMemoryTuningStore(), browserMajor: 0 })
    await tuner.tune(suite, shape)
    return tuner.choose(kernel, info, shape)
  }
  const variant = kernel.variants.find(({ name }) => name === choice.variant)
  if (!variant) throw new Error(`${kernel.name} has no variant ${choice.variant}.`)
  return withTuning(variant, choice.tuning)
}
