import { OpentabError } from '../../protocol/errors.ts'
import { tensorBytes } from '../../shaders/canonicalCost.ts'
import {
  type KernelDescriptor,
  type KernelVariant,
  scopeOf,
  uniformsOf,
  writesOf,
} from '../../shaders/kernel.ts'
import type { Shape } from '../../shaders/size.ts'
import type { CompiledPass } from './pipelineCache.ts'
import type { PlannedPass } from './plannedPass.ts'

/** Most bands in one submit: the uniform buffer has a slot for each. */
export const MAX_BANDS_PER_SUBMIT = 32
/** Distance of the slots in the uniform buffer, bytes: WebGPU's default `minUniformBufferOffsetAlignment`. */
export const UNIFORM_STRIDE_BYTES = 256
/** Buffers are whole vec4s, so that a program may bind an array of them; an empty tensor has one. */
const BUFFER_STEP_BYTES = 16

/** The GPU memory of one running task, used again by the next task of the same kernel, variant, mode and shape. */
export interface TaskBuffers {
  key: string
  /** GPU memory of all buffers, bytes. */
  bytes: number
  /** Slots of the kernel's struct of uniforms, UNIFORM_STRIDE_BYTES apart. */
  uniform: GPUBuffer
  /** By tensor name: the buffers that the passes bind. */
  tensors: ReadonlyMap<string, GPUBuffer>
  /** By output name: what the result is read from. */
  readback: ReadonlyMap<string, GPUBuffer>
  /** One for each pass, in the order of the passes. */
  bindGroups: readonly GPUBindGroup[]
  /** Frees what was made for them. */
  destroy(): void
}

/** What is needed to make a task's buffers. */
export interface BufferPlan {
  kernel: KernelDescriptor
  variant: KernelVariant
  passes: readonly PlannedPass[]
  compiled: readonly CompiledPass[]
  shape: Shape
  /** Slots of the uniform buffer; MAX_BANDS_PER_SUBMIT where absent. */
  slots?: number
  /** Buffers of the caller's by tensor name, large enough: none is made for them, and they stay the caller's. */
  given?: ReadonlyMap<string, GPUBuffer>
  /** Whether outputs get buffers to read them from; true where absent. */
  readBack?: boolean
}

/**
 * Makes all buffers and bind groups of a task.
 * @throws OpentabError `out_of_memory` when a tensor is larger than the device can bind, or memory has run out
 */
export async function createTaskBuffers(
  device: GPUDevice,
  key: string,
  plan: BufferPlan,
): Promise<TaskBuffers> {
  const sizes = bufferBytes(plan)
  const most = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize)
  const { slots = MAX_BANDS_PER_SUBMIT, given = new Map<string, GPUBuffer>(), readBack = true } = plan
  for (const [name, bytes] of sizes) {
    if (bytes <= most) continue
    throw new OpentabError(
      'out_of_memory',
      `${plan.kernel.name} needs ${bytes} bytes for ${name}; this device binds at most ${most}.`,
      { fix: 'Ask for a smaller shape, or a device with larger buffers.' },
    )
  }
  for (const [name, buffer] of given) {
    if (buffer.size >= (sizes.get(name) ?? 0)) continue
    const facts = `${name} of ${plan.kernel.name} needs ${sizes.get(name)} bytes`
    throw new OpentabError('internal', `${facts}; the buffer that was given has ${buffer.size}.`)
  }
  device.pushErrorScope('validation')
  device.pushErrorScope('out-of-memory')
  const made: GPUBuffer[] = []
  const make = (label: string, size: number, usage: GPUBufferUsageFlags): GPUBuffer => {
    const buffer = device.createBuffer({ label, size, usage })
    made.push(buffer)
    return buffer
  }
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ, UNIFORM } = GPUBufferUsage
  const tensors = new Map<string, GPUBuffer>()
  for (const [name, bytes] of sizes) {
    tensors.set(name, given.get(name) ?? make(name, bytes, STORAGE | COPY_SRC | COPY_DST))
  }
  const readback = new Map<string, GPUBuffer>()
  for (const tensor of plan.kernel.tensors) {
    if (tensor.role !== 'output' || !readBack) continue
    readback.set(tensor.name, make(`${tensor.name} readback`, sizes.get(tensor.name)!, COPY_DST | MAP_READ))
  }
  const uniform = make('task', slots * UNIFORM_STRIDE_BYTES, UNIFORM | COPY_DST)
  const uniformBytes = Math.ceil(uniformsOf(plan.kernel).length / 4) * 16
  const bindGroups = plan.passes.map(({ pass }, index) =>
    device.createBindGroup({
      label: `${plan.kernel.name} ${pass.entryPoint}`,
      layout: plan.compiled[index]!.layout,
      entries: [
        { binding: 0, resource: { buffer: uniform, size: uniformBytes } },
        ...[...pass.reads, ...writesOf(pass)].map((name, at) => ({
          binding: at + 1,
          resource: { buffer: tensors.get(name)! },
        })),
      ],
    }),
  )
  const bytes = made.reduce((sum, buffer) => sum + buffer.size, 0)
  const [memory, validation] = await Promise.all([device.popErrorScope(), device.popErrorScope()])
  if (memory || validation) {
    destroyAll(made)
    if (memory) {
      throw new OpentabError(
        'out_of_memory',
        `The device has no ${bytes} bytes left for ${plan.kernel.name}.`,
      )
    }
    throw new OpentabError('kernel_failed', `${plan.kernel.name} could not be bound: ${validation!.message}`)
  }
  return { key, bytes, uniform, tensors, readback, bindGroups, destroy: () => destroyAll(made) }
}

function destroyAll(buffers: readonly GPUBuffer[]): void {
  for (const buffer of buffers) buffer.destroy()
}

/** Bytes of every tensor that a pass binds, rounded up to whole steps. */
function bufferBytes({ kernel, variant, passes, shape }: BufferPlan): Map<string, number> {
  const scope = scopeOf(variant, shape)
  const used = new Set(passes.flatMap(({ pass }) => [...pass.reads, ...writesOf(pass)]))
  const sizes = new Map<string, number>()
  for (const tensor of [...kernel.tensors, ...variant.scratch]) {
    if (!used.has(tensor.name)) continue
    const steps = Math.max(1, Math.ceil(tensorBytes(tensor, scope) / BUFFER_STEP_BYTES))
    sizes.set(tensor.name, steps * BUFFER_STEP_BYTES)
  }
  return sizes
}
