import type { OrtRuntime, OrtTensor } from '../../../engine/onnx/ortRuntime.ts'
import { fromOrtTensor, toOrtTensor } from '../../../engine/onnx/ortTensor.ts'
import { onnxFile } from '../../../engine/onnx/testGraph.ts'
import type { Tensor } from '../../../protocol/tensor.ts'
import type { Shape } from '../../../shaders/size.ts'
import { loadRuntime } from '../../../worker/compute/loadRuntime.ts'
import { wasmRuntime, webgpuRuntime } from '../../../worker/compute/runtimeFiles.ts'
import type { PeerForm } from './peerForms.ts'
import { readBuffer } from './readBuffer.ts'
import type { ReadySide } from './sides.ts'

type SessionOptions = NonNullable<Parameters<OrtRuntime['InferenceSession']['create']>[1]>

/** ONNX Runtime Web's WASM build with as many threads as a tab's whole machine has. */
export async function loadOnnxWasm(): Promise<OrtRuntime> {
  const ort = await loadRuntime(wasmRuntime.script)
  ort.env.wasm.numThreads = navigator.hardwareConcurrency
  ort.env.wasm.wasmBinary = await (await fetch(wasmRuntime.binary)).arrayBuffer()
  ort.env.logLevel = 'error'
  return ort
}

/** Its native WebGPU build, the fastest of its WebGPU builds to start. */
export async function loadOnnxWebgpu(): Promise<OrtRuntime> {
  const ort = await loadRuntime(webgpuRuntime.script)
  ort.env.wasm.numThreads = 1
  ort.env.wasm.wasmBinary = await (await fetch(webgpuRuntime.binary)).arrayBuffer()
  ort.env.logLevel = 'error'
  return ort
}

/** Options of a session; `device`: on WebGPU, outputs left in its memory unless `readBack`. */
export const sessionOptions = (device: GPUDevice | null, readBack = false): SessionOptions => ({
  executionProviders: device === null ? ['wasm'] : [{ name: 'webgpu', device }],
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
  ...(device !== null && !readBack && { preferredOutputLocation: 'gpu-buffer' }),
})

/** The kernel's ONNX form; on WebGPU with inputs and output in GPU memory, bound once. */
export async function onnxSide(
  ort: OrtRuntime,
  device: GPUDevice | null,
  form: PeerForm,
  shape: Shape,
  inputs: readonly Tensor[],
): Promise<ReadySide> {
  const graph = form.graph(shape)
  const session = await ort.InferenceSession.create(onnxFile(graph), sessionOptions(device))
  const made: GPUBuffer[] = []
  const given = form.given?.(inputs, shape) ?? inputs
  const feeds = Object.fromEntries(
    given.map((tensor, at) => [
      graph.inputs[at]!.name,
      device === null ? toOrtTensor(ort, tensor) : onGpu(ort, device, tensor, made),
    ]),
  )
  const spec = graph.outputs[0]!
  const output = { name: spec.name, datatype: spec.datatype, shape: spec.shape as number[] }
  const taken = (tensor: Tensor): Tensor[] => [form.taken?.(tensor, shape) ?? tensor]
  const bytes = output.shape.reduce((product, size) => product * size, 4)
  const target =
    device === null ? null : onGpu(ort, device, { ...output, bytes: new Uint8Array(bytes) }, made)
  let last: OrtTensor | null = null
  return {
    inWords: graph.nodes.map(({ op }) => op).join(', '),
    async start() {
      const results = await session.run(feeds, target === null ? [spec.name] : { [spec.name]: target })
      last = results[spec.name] as OrtTensor
    },
    ended: () => device?.queue.onSubmittedWorkDone() ?? Promise.resolve(),
    async outputs() {
      if (device === null) return taken(fromOrtTensor(spec.name, last!))
      return taken(await readBuffer(device, last!.gpuBuffer as GPUBuffer, output))
    },
    release() {
      for (const buffer of made) buffer.destroy()
      void session.release()
    },
  }
}

function onGpu(ort: OrtRuntime, device: GPUDevice, tensor: Tensor, made: GPUBuffer[]): OrtTensor {
  const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage
  const size = Math.ceil(tensor.bytes.byteLength / 16) * 16
  const buffer = device.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST })
  made.push(buffer)
  const bytes = new Uint8Array(size)
  bytes.set(tensor.bytes)
  device.queue.writeBuffer(buffer, 0, bytes)
  const dataType = toOrtTensor(ort, tensor).type as 'float32' | 'uint8'
  return ort.Tensor.fromGpuBuffer(buffer, { dataType, dims: [...tensor.shape] }) as OrtTensor
}
