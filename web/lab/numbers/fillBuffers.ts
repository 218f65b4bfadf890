import { pcg } from '../../../protocol/seededInputs.ts'
import { datatypes, elementCount } from '../../../protocol/tensor.ts'
import { kernelSuites } from '../../../shaders/kernelSuites.ts'
import { LabError, wordsOf } from '../labWords.ts'
import type { Fault } from '../planSession.ts'
import { arrayOf, numbersOf } from './elementArrays.ts'
import type { InputsAnswer, NumbersRequest, SizedBuffer } from './labNumbersApi.ts'
import { fitsShape, isNpy, readNpy } from './readNpy.ts'

/** What every buffer is filled with, or what is wrong with each that cannot be. */
export function inputsOf(request: NumbersRequest): InputsAnswer {
  const inputs = new Map<string, Uint8Array<ArrayBuffer>>()
  const faults: Fault[] = []
  for (const [at, buffer] of request.buffers.entries()) {
    const { name } = buffer
    try {
      const bytes = bytesOf(buffer, at, request)
      if (bytes) inputs.set(name, bytes)
    } catch (error) {
      if (!(error instanceof LabError)) throw error
      faults.push({
        field: `buffer.${name}.fill`,
        label: wordsOf('setup.fill', { name }),
        words: error.words,
      })
    }
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, inputs }
}

/**
 * The bytes of every buffer that is not zero at first, by name; buffer i of the session is input i of its seed.
 * @throws LabError
 */
export function fillBuffers(request: NumbersRequest): Map<string, Uint8Array<ArrayBuffer>> {
  const filled = new Map<string, Uint8Array<ArrayBuffer>>()
  for (const [at, buffer] of request.buffers.entries()) {
    const bytes = bytesOf(buffer, at, request)
    if (bytes) filled.set(buffer.name, bytes)
  }
  return filled
}

function bytesOf(buffer: SizedBuffer, at: number, request: NumbersRequest): Uint8Array<ArrayBuffer> | null {
  const { fill, datatype, shape, name } = buffer
  const count = elementCount(shape)
  switch (fill.kind) {
    case 'zeros':
      return null
    case 'ramp':
      return arrayOf(datatype, count, (t) => t)
    case 'random': {
      const base = pcg((at + pcg(request.seed >>> 0)) >>> 0)
      const [low, high] = boundsOf(datatype, fill)
      const float = datatype.startsWith('FP')
      // 24 bits of the word for floats, so that every step is exact in f32; all of them for integers.
      return arrayOf(datatype, count, (t) => {
        const word = pcg((t + base) >>> 0)
        if (float) return low + (word >>> 8) * 2 ** -24 * (high - low)
        return low + Math.floor((word / 2 ** 32) * (high - low))
      })
    }
    case 'library': {
      const suite = kernelSuites.find(({ kernel }) => kernel.name === fill.kernel)
      const tensor = suite
        ?.inputs(request.numbers, request.seed)
        .find((_, index) => suite.kernel.tensors.filter(({ role }) => role === 'input')[index]?.name === name)
      if (!tensor) throw new LabError(wordsOf('fault.libraryFill', { kernel: fill.kernel }))
      return tensor.bytes as Uint8Array<ArrayBuffer>
    }
    case 'file': {
      if (fill.base64 === '') throw new LabError(wordsOf('fault.noFile'))
      const bytes = Uint8Array.from(atob(fill.base64), (character) => character.charCodeAt(0))
      if (isNpy(bytes)) return npyBytes(fill.name, bytes, buffer)
      const wanted = count * datatypes[datatype].bytes
      if (bytes.byteLength === wanted) return bytes
      throw new LabError(
        wordsOf('fault.fileBytes', { file: fill.name, bytes: bytes.byteLength, wanted: String(wanted) }),
      )
    }
    default:
      return fill satisfies never
  }
}

/** The elements of a .npy file as the buffer's: floats are rounded, whole numbers must fit. @throws LabError */
function npyBytes(
  file: string,
  bytes: Uint8Array,
  { datatype, shape }: SizedBuffer,
): Uint8Array<ArrayBuffer> {
  const { numbers, shape: found, dtype } = readNpy(file, bytes)
  if (!fitsShape(found, shape)) {
    const values = { file, shape: found.join(', '), wanted: shape.join(', ') }
    throw new LabError(wordsOf('fault.npyShape', values))
  }
  const [least, past] = rangeOf(datatype)
  const float = datatype.startsWith('FP')
  const fits = (value: number) => Number.isInteger(value) && value >= least && value < past
  if (!float && !Array.prototype.every.call(numbers, fits))
    throw new LabError(wordsOf('fault.npyType', { file, dtype, datatype }))
  return arrayOf(datatype, numbers.length, (t) => numbers[t]!)
}

/** Bounds of random values. @throws LabError where they are no bounds of the datatype */
function boundsOf(
  datatype: SizedBuffer['datatype'],
  { low, high }: { low?: number; high?: number },
): [number, number] {
  const [least, past] = rangeOf(datatype)
  const bounds: [number, number] = [low ?? least, high ?? past]
  const whole = bounds.every((bound) => Number.isInteger(bound) && bound >= least && bound <= past)
  const float = datatype.startsWith('FP')
  // In its own precision: 1e99 is infinite in f32.
  const finite = (bound: number) =>
    Number.isFinite(
      numbersOf(
        datatype,
        arrayOf(datatype, 1, () => bound),
      )[0],
    )
  if (!(float ? bounds.every(finite) : whole)) throw new LabError(wordsOf('fault.boundsType', { datatype }))
  if (bounds[0] >= bounds[1]) throw new LabError(wordsOf('fault.bounds'))
  return bounds
}

/** The whole range of a datatype: least value, and the one past the largest. Floats from -1 up to 1. */
function rangeOf(datatype: SizedBuffer['datatype']): [number, number] {
  if (datatype.startsWith('FP')) return [-1, 1]
  const bits = datatypes[datatype].bytes * 8
  return datatype.startsWith('INT') ? [-(2 ** (bits - 1)), 2 ** (bits - 1)] : [0, 2 ** bits]
}
