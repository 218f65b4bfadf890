import type { CompiledPass } from './pipelineCache.ts'
import type { PlannedPass } from './plannedPass.ts'
import type { Submit } from './submits.ts'
import { type TaskBuffers, UNIFORM_STRIDE_BYTES } from './taskBuffers.ts'

/** Encodes the dispatches of bands; the uniforms of band i are in slot i. */
export function dispatchBands(
  encoder: GPUComputePassEncoder,
  passes: readonly PlannedPass[],
  compiled: readonly CompiledPass[],
  buffers: TaskBuffers,
  bands: Submit['bands'],
): void {
  for (const [slot, { pass, band }] of bands.entries()) {
    const { rows, columns } = passes[pass]!.perWorkgroup
    encoder.setPipeline(compiled[pass]!.pipeline)
    encoder.setBindGroup(0, buffers.bindGroups[pass]!, [slot * UNIFORM_STRIDE_BYTES])
    encoder.dispatchWorkgroups(Math.ceil(band.columns / columns), Math.ceil(band.rows / rows))
  }
}
