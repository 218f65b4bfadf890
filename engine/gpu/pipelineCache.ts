import { OpentabError } from '../../protocol/errors.ts'
import { type KernelDescriptor, type KernelPass, passText, writesOf } from '../../shaders/kernel.ts'
import { type Shape, sizeOf } from '../../shaders/size.ts'

/** A compiled pass and the layout of its bind group. */
export interface CompiledPass {
  pipeline: GPUComputePipeline
  layout: GPUBindGroupLayout
}

/**
 * Passes that are kept. One variant of each kernel of the library has 109, so a tab that runs all of them for two shapes
 * with overrides of their own compiles nothing twice; a task holds its own passes, however many there are.
 */
const MOST_KEPT = 256

/** Compiled passes by what went into them. */
export interface PipelineCache {
  /**
   * Compiles a pass, or gives what an equal one compiled to. `scope` holds what its overrides name.
   * @throws OpentabError `kernel_failed` with the compiler's messages
   */
  compile(kernel: KernelDescriptor, pass: KernelPass, scope?: Shape): Promise<CompiledPass>
}

/** @param most passes that are kept; those that were wanted longest ago go first, and what failed is not kept */
export function createPipelineCache(device: GPUDevice, most = MOST_KEPT): PipelineCache {
  // Keyed by the final text, the overrides and the layout themselves, so that nothing can be left out of the key. The
  // one that was wanted longest ago comes first.
  const compiled = new Map<string, Promise<CompiledPass>>()
  return {
    compile(kernel, pass, scope = {}) {
      const text = passText(kernel, pass)
      const layout = layoutEntries(pass)
      const overrides = Object.entries(pass.overrides)
        .map(([name, value]) => [name, sizeOf(value, scope)] as const)
        .sort()
      const key = JSON.stringify([text, pass.entryPoint, overrides, layout])
      let found = compiled.get(key)
      if (!found) {
        const label = `${kernel.name} ${pass.step} ${pass.entryPoint}`
        const constants = Object.fromEntries(overrides)
        const made = compilePass(device, label, text, { entryPoint: pass.entryPoint, constants }, layout)
        made.catch(() => {
          if (compiled.get(key) === made) compiled.delete(key)
        })
        found = made
      }
      compiled.delete(key)
      compiled.set(key, found)
      if (compiled.size > most) compiled.delete(compiled.keys().next().value!)
      return found
    },
  }
}

function layoutEntries(pass: KernelPass): GPUBindGroupLayoutEntry[] {
  const storage = (binding: number, type: GPUBufferBindingType): GPUBindGroupLayoutEntry => ({
    binding,
    visibility: GPUShaderStage.COMPUTE,
    buffer: { type },
  })
  return [
    { binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: 'uniform', hasDynamicOffset: true } },
    ...pass.reads.map((_, index) => storage(index + 1, 'read-only-storage')),
    ...writesOf(pass).map((_, index) => storage(pass.reads.length + index + 1, 'storage')),
  ]
}

async function compilePass(
  device: GPUDevice,
  label: string,
  code: string,
  entry: Omit<GPUProgrammableStage, 'module'>,
  entries: GPUBindGroupLayoutEntry[],
): Promise<CompiledPass> {
  // A module with an error raises a validation error of its own besides the rejected pipeline: keep it in this scope.
  device.pushErrorScope('validation')
  const module = device.createShaderModule({ label, code })
  const layout = device.createBindGroupLayout({ label, entries })
  const pipelineLayout = device.createPipelineLayout({ label, bindGroupLayouts: [layout] })
  const creating = device.createComputePipelineAsync({
    label,
    layout: pipelineLayout,
    compute: { module, ...entry },
  })
  const validating = device.popErrorScope()
  const [pipeline, validation] = await Promise.allSettled([creating, validating])
  const refused = validation.status === 'fulfilled' ? validation.value?.message : undefined
  if (pipeline.status === 'fulfilled' && refused === undefined) return { pipeline: pipeline.value, layout }
  const { messages } = await module.getCompilationInfo()
  const errors = messages
    .filter((message) => message.type === 'error')
    .map((message) => `line ${message.lineNum}:${message.linePos}: ${message.message}`)
  const reason =
    pipeline.status === 'rejected' ? String(pipeline.reason?.message ?? pipeline.reason) : refused
  throw new OpentabError('kernel_failed', `${label} did not compile: ${errors.join('; ') || reason}`)
}
