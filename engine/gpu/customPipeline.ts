import { OpentabError } from '../../protocol/errors.ts'
import type { CheckedKernel } from '../../protocol/kernel/checkKernel.ts'
import type { KernelProgram } from '../../protocol/kernel/kernelProgram.ts'
import { bindingFault } from './bindingFault.ts'

/** A compiled custom kernel and the layouts of its bind groups, by group. */
export interface CustomPipeline {
  pipeline: GPUComputePipeline
  layouts: GPUBindGroupLayout[]
}

/**
 * Compiles a kernel that passed the gate.
 * @throws OpentabError `kernel_failed` with the device's limit that it is over, or with the compiler's messages and their lines
 */
export async function compileCustomKernel(
  device: GPUDevice,
  { entryPoint, bindings, overrides }: KernelProgram,
  { program, mark }: CheckedKernel,
): Promise<CustomPipeline> {
  const fault = bindingFault(device.limits, bindings, mark)
  if (fault !== null) throw new OpentabError('kernel_failed', fault)
  const entries: GPUBindGroupLayoutEntry[][] = []
  const add = (group: number, binding: number, type: GPUBufferBindingType): void => {
    while (entries.length <= group) entries.push([])
    entries[group]!.push({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } })
  }
  for (const { group = 0, binding, type } of bindings) add(group, binding, type)
  if (mark) add(mark.group, mark.binding, 'storage')

  device.pushErrorScope('validation')
  const module = device.createShaderModule({ label: 'custom kernel', code: program })
  const layouts = entries.map((group) => device.createBindGroupLayout({ entries: group }))
  const creating = device.createComputePipelineAsync({
    layout: device.createPipelineLayout({ bindGroupLayouts: layouts }),
    compute: { module, entryPoint, constants: { ...overrides } },
  })
  const validating = device.popErrorScope()
  const [made, validation] = await Promise.allSettled([creating, validating])
  const refused = validation.status === 'fulfilled' ? validation.value?.message : undefined
  if (made.status === 'fulfilled' && refused === undefined) return { pipeline: made.value, layouts }
  const { messages } = await module.getCompilationInfo()
  const errors = messages
    .filter(({ type }) => type === 'error')
    .map(({ lineNum, linePos, message }) => `line ${lineNum}:${linePos}: ${message}`)
  const reason = made.status === 'rejected' ? String(made.reason?.message ?? made.reason) : refused
  throw new OpentabError(
    'kernel_failed',
    `The kernel does not compile here: ${errors.join('; ') || reason}`.slice(0, 2000),
  )
}
