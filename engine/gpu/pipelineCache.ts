import { OpentabError } from '../../protocol/errors.ts'
import { type KernelDescriptor, type KernelPass, passText, writesOf } from '../../shaders/kernel.ts'
import { type Shape, sizeOf } from '../../shaders/size.ts'

/** A compiled pass and the layout of its bind group. */
export interface CompiledPass {
  pipeline: GPUComputePipeline
  layout: GPUBindGroupLayout
}

/** Compiled passes by what went into them. */
export interface PipelineCache {
  /**
   * Compiles a pass, or gives what an equal one compiled to. `scope` holds what its overrides name.
   * @throws OpentabError `kernel_failed` with the compiler's messages
   */
  compile(kernel: KernelDescriptor, pass: KernelPass, scope?: Shape): Promise<CompiledPass>
}

export function createPipelineCache(device: GPUDevice): PipelineCache {
  // Keyed by the final text, the overrides and the layout themselves, so that nothing can be left out of the key.
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
        found = compilePass(device, label, text, { entryPoint: pass.entryPoint, constants }, layout)
        compiled.set(key, found)
      }
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
