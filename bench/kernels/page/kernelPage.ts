import { canRun } from '../../../engine/gpu/chooseVariant.ts'
import { createKernelRunner } from '../../../engine/gpu/kernelRunner.ts'
import { openDevice } from '../../../engine/gpu/openDevice.ts'
import { createPipelineCache } from '../../../engine/gpu/pipelineCache.ts'
import { toOrtTensor } from '../../../engine/onnx/ortTensor.ts'
import { onnxFile } from '../../../engine/onnx/testGraph.ts'
import type { Tensor } from '../../../protocol/tensor.ts'
import { type KernelSuite, mismatchOf } from '../../../shaders/kernelSuite.ts'
import { kernelSuites } from '../../../shaders/kernelSuites.ts'
import type { KernelPage, KernelSide } from '../kernelPageApi.ts'
import { loadOnnxWasm, loadOnnxWebgpu, onnxSide, sessionOptions } from './onnxSide.ts'
import { opentabSide } from './opentabSide.ts'
import { peerForms } from './peerForms.ts'
import type { ReadySide } from './sides.ts'
import { tensorflowMatmul } from './tensorflowSide.ts'
import { variantOf } from './variantOf.ts'

// What the benchmark drives from outside. All sides but TensorFlow.js share one device.

const ready = new Map<string, ReadySide>()
const opening = once(async () => {
  const opened = await openDevice()
  return { opened, pipelines: createPipelineCache(opened.device) }
})
const onnxWasm = once(loadOnnxWasm)
const onnxWebgpu = once(loadOnnxWebgpu)
/** The inputs of the last kernel, shape and seed: sides that are compared follow each other. */
let made: { key: string; inputs: Tensor[] } | null = null

const page: KernelPage = {
  async adapter() {
    const { vendor, architecture, description, isFallbackAdapter, features } = (await opening()).opened.info
    return { vendor, architecture, description, isFallbackAdapter, features }
  },
  async prepare(name, side) {
    const suite = suiteOf(side.kernel)
    const inputs = inputsOf(suite, side)
    const prepared = await readySide(suite, side, inputs)
    await prepared.start()
    await prepared.ended()
    const wrong = mismatchOf(suite, await prepared.outputs(), inputs, side.shape)
    if (wrong !== null) {
      prepared.release()
      throw new Error(`${name} gives a wrong result: ${wrong}`)
    }
    ready.set(name, prepared)
    return prepared.inWords
  },
  async turn(name, times) {
    const side = ready.get(name)!
    const startedAt = performance.now()
    for (let run = 0; run < times; run++) await side.start()
    await side.ended()
    return performance.now() - startedAt
  },
  release(name) {
    ready.get(name)?.release()
    ready.delete(name)
  },
  async choices(kernel, family) {
    const { info } = (await opening()).opened
    return suiteOf(kernel)
      .kernel.variants.filter(
        (variant) => canRun(variant, info) && (family === undefined || variant.family === family),
      )
      .flatMap((variant) => {
        const tunables = Object.entries(variant.tuning ?? {})
        const grid = tunables.reduce<Record<string, number>[]>(
          (points, [key, { values }]) =>
            points.flatMap((point) => values.map((value) => ({ ...point, [key]: value }))),
          [{}],
        )
        return grid.map((tuning) => ({ variant: variant.name, tuning }))
      })
  },
  firstResult: (side) => (side.by === 'opentab' ? opentabFirstResult(side) : onnxFirstResult(side)),
}
Object.assign(globalThis, { kernelPage: page })

async function readySide(
  suite: KernelSuite,
  side: KernelSide,
  inputs: readonly Tensor[],
): Promise<ReadySide> {
  const { opened, pipelines } = await opening()
  switch (side.by) {
    case 'opentab':
      return opentabSide(
        opened,
        pipelines,
        suite.kernel,
        side.shape,
        inputs,
        await variantOf(opened, suite, side.shape, side.choice),
      )
    case 'onnx-webgpu':
      return onnxSide(await onnxWebgpu(), opened.device, formOf(side), side.shape, inputs)
    case 'onnx-wasm':
      return onnxSide(await onnxWasm(), null, formOf(side), side.shape, inputs)
    case 'tensorflow':
      return tensorflowMatmul(side.shape, inputs)
    default:
      throw new Error(`There is no such side: ${JSON.stringify(side satisfies never)}`)
  }
}

async function opentabFirstResult(side: KernelSide): Promise<number> {
  const suite = suiteOf(side.kernel)
  const inputs = inputsOf(suite, side)
  const startedAt = performance.now()
  const { device, info } = await openDevice()
  const runner = createKernelRunner(device, info)
  await runner.compute({ kernel: suite.kernel, shape: side.shape, seed: null, inputs })
  return performance.now() - startedAt
}

async function onnxFirstResult(side: KernelSide): Promise<number> {
  const suite = suiteOf(side.kernel)
  const form = formOf(side)
  const inputs = inputsOf(suite, side)
  const ort = await onnxWebgpu()
  const { inputs: specs, ...graph } = form.graph(side.shape)
  const file = onnxFile({ ...graph, inputs: specs })
  const given = form.given?.(inputs, side.shape) ?? inputs
  const startedAt = performance.now()
  const { device } = await openDevice()
  const session = await ort.InferenceSession.create(file, sessionOptions(device, true))
  await session.run(
    Object.fromEntries(given.map((tensor, at) => [specs[at]!.name, toOrtTensor(ort, tensor)])),
  )
  return performance.now() - startedAt
}

function formOf(side: KernelSide) {
  const form = 'form' in side ? peerForms[side.kernel]?.[side.form] : undefined
  if (!form) throw new Error(`${side.kernel} has no such form in ONNX.`)
  return form
}

function suiteOf(kernel: string): KernelSuite {
  const suite = kernelSuites.find((each) => each.kernel.name === kernel)
  if (!suite) throw new Error(`The library has no kernel ${kernel}.`)
  return suite
}

function inputsOf(suite: KernelSuite, { kernel, shape, seed }: KernelSide): Tensor[] {
  const key = JSON.stringify([kernel, shape, seed])
  if (made?.key !== key) made = { key, inputs: suite.inputs(shape, seed) }
  return made.inputs
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | null = null
  return () => (done ??= work())
}
