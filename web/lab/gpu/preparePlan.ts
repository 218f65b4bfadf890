import type { LabPlan, PlannedBinding, PlannedDispatch } from '../planSession.ts'
import type { CompiledPrograms } from './compiledPrograms.ts'
import { scoped } from './scoped.ts'

/** Buffers are whole vec4s, so that a program may bind an array of them. */
const STEP_BYTES = 16
/** The buffer in which programs say that a loop was ended. No variable is called so. */
const MARK = 'opentab.mark'

/** A plan with its buffers and pipelines on the GPU. */
export interface PreparedPlan {
  /** Writes the inputs, and zeros elsewhere. */
  fill(inputs: ReadonlyMap<string, Uint8Array>): void
  /** Adds every pass once. */
  encode(encoder: GPUComputePassEncoder): void
  /** Submits every pass once and reads the outputs. @throws StepFailed */
  run(): Promise<Map<string, Uint8Array<ArrayBuffer>>>
  /** Whether a loop of the last run was ended because its iterations were used up. */
  ended(): Promise<boolean>
  destroy(): void
}

type Place = Pick<PlannedBinding, 'group' | 'binding' | 'space'>

/** What a pipeline is made of: not the buffers. */
interface PipelineKind extends Pick<PlannedDispatch, 'program' | 'entryPoint' | 'constants'> {
  places: readonly Place[]
}

interface Compiled {
  layouts: readonly GPUBindGroupLayout[]
  pipeline: GPUComputePipeline
}

/** Compiles and binds a plan. @throws StepFailed */
export async function preparePlan(
  device: GPUDevice,
  programs: CompiledPrograms,
  plan: LabPlan,
): Promise<PreparedPlan> {
  const buffers = new Map<string, GPUBuffer>()
  const others: GPUBuffer[] = []
  const destroy = (): void => {
    for (const buffer of [...buffers.values(), ...others]) buffer.destroy()
  }
  const { STORAGE, COPY_SRC, COPY_DST, UNIFORM, MAP_READ } = GPUBufferUsage
  try {
    for (const { name, bytes } of plan.buffers) {
      const size = Math.max(STEP_BYTES, Math.ceil(bytes / STEP_BYTES) * STEP_BYTES)
      const make = () => device.createBuffer({ label: name, size, usage: STORAGE | COPY_SRC | COPY_DST })
      buffers.set(name, await scoped(device, { step: 'buffer', buffer: name }, make))
    }
    const marked = plan.passes.some(({ mark }) => mark)
    if (marked) {
      const make = () =>
        device.createBuffer({ label: MARK, size: STEP_BYTES, usage: STORAGE | COPY_SRC | COPY_DST })
      buffers.set(MARK, await scoped(device, { step: 'buffer', buffer: MARK }, make))
    }
    /** Passes that differ in their buffers alone share a pipeline: a software adapter compiles some for seconds. */
    const pipelines = new Map<string, Promise<Compiled>>()
    const pipelineOf = (kind: PipelineKind, pass: number): Promise<Compiled> => {
      const key = JSON.stringify(kind)
      const made =
        pipelines.get(key) ?? compile(device, programs.moduleOf(plan.programs[kind.program]!), kind, pass)
      pipelines.set(key, made)
      return made
    }
    const passes = await Promise.all(
      plan.passes.map(async ({ program, entryPoint, constants, dispatch, mark, bindings: given }, pass) => {
        const bindings: PlannedBinding[] = mark
          ? [...given, { ...mark, space: 'read_write', buffer: MARK }]
          : [...given]
        const { layouts, pipeline } = await pipelineOf(
          {
            program,
            entryPoint,
            constants,
            places: bindings.map(({ group, binding, space }) => ({ group, binding, space })),
          },
          pass,
        )
        const groups = await scoped(device, { step: 'bindings', pass }, () =>
          layouts.map((layout, group) =>
            device.createBindGroup({
              layout,
              entries: bindings
                .filter((binding) => binding.group === group)
                .map((binding) => ({
                  binding: binding.binding,
                  resource: {
                    buffer:
                      binding.space === 'uniform' ? uniform(binding.bytes) : buffers.get(binding.buffer)!,
                  },
                })),
            }),
          ),
        )
        return { pipeline, groups, dispatch }
      }),
    )
    function uniform(bytes: Uint8Array<ArrayBuffer>): GPUBuffer {
      const made = device.createBuffer({
        label: 'uniform',
        size: bytes.byteLength,
        usage: UNIFORM | COPY_DST,
      })
      device.queue.writeBuffer(made, 0, bytes)
      others.push(made)
      return made
    }
    const readback = new Map<string, GPUBuffer>()
    for (const { name, role } of plan.buffers) {
      if (role !== 'output') continue
      const { size } = buffers.get(name)!
      const make = () => device.createBuffer({ label: `${name} readback`, size, usage: COPY_DST | MAP_READ })
      const made = await scoped(device, { step: 'buffer', buffer: name }, make)
      readback.set(name, made)
      others.push(made)
    }
    const markReadback = marked
      ? device.createBuffer({ label: MARK, size: STEP_BYTES, usage: COPY_DST | MAP_READ })
      : null
    if (markReadback) others.push(markReadback)
    const encodePass = (encoder: GPUComputePassEncoder, at: number): void => {
      const { pipeline, groups, dispatch } = passes[at]!
      encoder.setPipeline(pipeline)
      for (const [index, group] of groups.entries()) encoder.setBindGroup(index, group)
      encoder.dispatchWorkgroups(...dispatch)
    }
    return {
      destroy,
      fill(inputs) {
        const clear = device.createCommandEncoder()
        for (const [name, buffer] of buffers) if (!inputs.has(name)) clear.clearBuffer(buffer)
        device.queue.submit([clear.finish()])
        for (const [name, bytes] of inputs) {
          const buffer = buffers.get(name)
          if (buffer) write(device, buffer, bytes)
        }
      },
      encode(encoder) {
        for (const at of passes.keys()) encodePass(encoder, at)
      },
      async ended() {
        if (!markReadback) return false
        const encoder = device.createCommandEncoder()
        encoder.copyBufferToBuffer(buffers.get(MARK)!, 0, markReadback, 0, STEP_BYTES)
        device.queue.submit([encoder.finish()])
        await markReadback.mapAsync(GPUMapMode.READ)
        const [mark = 0] = new Uint32Array(markReadback.getMappedRange())
        markReadback.unmap()
        return mark !== 0
      },
      async run() {
        for (const at of passes.keys()) {
          await scoped(device, { step: 'dispatch', pass: at }, () => {
            const encoder = device.createCommandEncoder()
            const computing = encoder.beginComputePass()
            encodePass(computing, at)
            computing.end()
            device.queue.submit([encoder.finish()])
          })
        }
        const encoder = device.createCommandEncoder()
        for (const [name, target] of readback) {
          encoder.copyBufferToBuffer(buffers.get(name)!, 0, target, 0, target.size)
        }
        device.queue.submit([encoder.finish()])
        const outputs = new Map<string, Uint8Array<ArrayBuffer>>()
        for (const { name, bytes } of plan.buffers) {
          const target = readback.get(name)
          if (!target) continue
          await scoped(device, { step: 'result', buffer: name }, () => target.mapAsync(GPUMapMode.READ))
          outputs.set(name, new Uint8Array(target.getMappedRange().slice(0, bytes)))
          target.unmap()
        }
        return outputs
      },
    }
  } catch (error) {
    destroy()
    throw error
  }
}

/** One layout for each group up to the last that is used. */
async function compile(
  device: GPUDevice,
  module: GPUShaderModule,
  { entryPoint, constants, places }: PipelineKind,
  pass: number,
): Promise<Compiled> {
  const layouts = await scoped(device, { step: 'bindings', pass }, () => layoutsOf(device, places))
  const pipeline = await scoped(device, { step: 'pipeline', pass }, () =>
    device.createComputePipelineAsync({
      layout: device.createPipelineLayout({ bindGroupLayouts: layouts }),
      compute: { module, entryPoint, constants },
    }),
  )
  return { layouts, pipeline }
}

function layoutsOf(device: GPUDevice, places: readonly Place[]): GPUBindGroupLayout[] {
  const groups = Math.max(0, ...places.map(({ group }) => group + 1))
  return Array.from({ length: groups }, (_, group) =>
    device.createBindGroupLayout({
      entries: places
        .filter((place) => place.group === group)
        .map(({ binding, space }) => ({
          binding,
          visibility: GPUShaderStage.COMPUTE,
          buffer: {
            type: space === 'uniform' ? 'uniform' : space === 'read' ? 'read-only-storage' : 'storage',
          },
        })),
    }),
  )
}

/** writeBuffer takes whole words: the last odd bytes go in a word of their own. */
function write(device: GPUDevice, buffer: GPUBuffer, bytes: Uint8Array): void {
  const given = bytes.subarray(0, buffer.size) as Uint8Array<ArrayBuffer>
  const whole = given.byteLength & ~3
  if (whole > 0) device.queue.writeBuffer(buffer, 0, given, 0, whole)
  if (whole === given.byteLength) return
  const word = new Uint8Array(4)
  word.set(given.subarray(whole))
  device.queue.writeBuffer(buffer, whole, word)
}
