import { afterAll, beforeAll, expect, it } from 'vitest'
import { tensorOf } from '../../protocol/tensor.ts'
import { unpackCodes } from '../../shaders/exact/codes.ts'
import { arrangedOnHost } from '../../shaders/hostLayouts.ts'
import type { KernelDescriptor } from '../../shaders/kernel.ts'
import { kernelNamed } from '../../shaders/library.ts'
import { mulshiftReference } from '../../shaders/mulshift/reference.ts'
import { quantizeReference } from '../../shaders/quantize/reference.ts'
import { seededWords } from '../../shaders/seededTensors.ts'
import { packRows, productOfRows } from '../../shaders/weights-i8/weightMatrix.ts'
import { chooseVariant } from './chooseVariant.ts'
import { type OpenedDevice, openDevice } from './openDevice.ts'
import { createPipelineCache } from './pipelineCache.ts'
import { prepareKernel } from './preparedKernel.ts'

let opened: OpenedDevice
beforeAll(async () => {
  opened = await openDevice()
})
afterAll(() => {
  opened?.device.destroy()
})

async function readWords(buffer: GPUBuffer, words: number): Promise<Int32Array> {
  const { device } = opened
  const { COPY_DST, MAP_READ } = GPUBufferUsage
  const target = device.createBuffer({ size: words * 4, usage: COPY_DST | MAP_READ })
  const encoder = device.createCommandEncoder()
  encoder.copyBufferToBuffer(buffer, 0, target, 0, words * 4)
  device.queue.submit([encoder.finish()])
  await target.mapAsync(GPUMapMode.READ)
  return new Int32Array(target.getMappedRange().slice(0))
}

const [n, k] = [70, 100]
const x = Int32Array.from(seededWords(1, 0, k), (word) => (word | 0) >> 8)
const weights = Int8Array.from(seededWords(1, 1, n * k))
const columnScales = seededWords(1, 2, n).map((word) => 0x8000 + (word >>> 17))
const columnExponents = new Int32Array(n).fill(-40)

/** The weights as the chosen variant of matvec-i8 reads them, by buffer name; its codes come from the kernel before it. */
function weightsLaidOut(): [string, Uint8Array<ArrayBuffer>][] {
  const kernel = kernelNamed('matvec-i8') as KernelDescriptor
  const words = packRows(weights, { n, k })
  const inputs = [
    tensorOf('codes', 'UINT32', [0], new Uint32Array(0)),
    tensorOf('weights', 'UINT32', [words.length], words),
  ]
  const laidOut = arrangedOnHost(kernel, [chooseVariant(kernel, opened.info)], inputs, { n, k, planes: 2 })
  return [...laidOut].filter(([name]) => name !== 'codes').map(([name, bytes]) => [name, bytes.slice()])
}

it('runs a linear layer of three kernels without a byte leaving the GPU', async () => {
  const { device, info } = opened
  const pipelines = createPipelineCache(device)
  const prepare = (name: string, shape: Record<string, number>, given?: ReadonlyMap<string, GPUBuffer>) => {
    const kernel = kernelNamed(name) as KernelDescriptor
    return prepareKernel(device, pipelines, { kernel, variant: chooseVariant(kernel, info), shape, given })
  }
  const codes = await prepare('quantize', { rows: 1, n: k, planes: 2, limit: 2047 })
  const product = await prepare('matvec-i8', { n, k, planes: 2 }, new Map([['codes', codes.buffer('codes')]]))
  const scaled = await prepare(
    'mulshift',
    { rows: 1, n, residual: 0, fraction: 16 },
    new Map([
      ['accumulators', product.buffer('accumulators')],
      ['rowScales', codes.buffer('scales')],
      ['rowExponents', codes.buffer('exponents')],
    ]),
  )
  device.queue.writeBuffer(codes.buffer('x'), 0, x)
  for (const [name, bytes] of weightsLaidOut()) device.queue.writeBuffer(product.buffer(name), 0, bytes)
  device.queue.writeBuffer(scaled.buffer('columnScales'), 0, columnScales)
  device.queue.writeBuffer(scaled.buffer('columnExponents'), 0, columnExponents)
  const encoder = device.createCommandEncoder()
  const pass = encoder.beginComputePass()
  for (const kernel of [codes, product, scaled]) kernel.encode(pass)
  pass.end()
  device.queue.submit([encoder.finish()])

  const coded = quantizeReference(x, { rows: 1, n: k, planes: 2, limit: 2047 })
  const activations = unpackCodes(coded.codes, { rows: 1, n: k, planes: 2 })
  const accumulators = productOfRows(activations, weights, { m: 1, n, k })
  const { scales: rowScales, exponents: rowExponents } = coded
  const expected = mulshiftReference(
    { accumulators, rowScales, rowExponents, columnScales, columnExponents, residual: new Int32Array(0) },
    { rows: 1, n, residual: 0, fraction: 16 },
  )
  const y = await readWords(scaled.buffer('y'), n)
  expect(y).toEqual(expected)
  expect(y.some((value) => value !== 0)).toBe(true)
  // What was given stays: the codes of the first kernel outlive the second one.
  product.destroy()
  expect(await readWords(codes.buffer('codes'), 10)).toEqual(new Int32Array(coded.codes.buffer, 0, 10))
  for (const kernel of [codes, scaled]) kernel.destroy()
})

it('names what a kernel does not bind, and refuses a given buffer that is too small', async () => {
  const kernel = kernelNamed('transpose') as KernelDescriptor
  const variant = chooseVariant(kernel, opened.info)
  const shape = { rows: 1, columns: 1 }
  const prepared = await prepareKernel(opened.device, createPipelineCache(opened.device), {
    kernel,
    variant,
    shape,
  })
  expect(() => prepared.buffer('z')).toThrow('transpose binds nothing called z.')
  const given = new Map([['x', prepared.buffer('x')]])
  const larger = { kernel, variant, shape: { rows: 3, columns: 3 }, given }
  await expect(prepareKernel(opened.device, createPipelineCache(opened.device), larger)).rejects.toThrow(
    'x of transpose needs 48 bytes; the buffer that was given has 16.',
  )
  prepared.destroy()
})
