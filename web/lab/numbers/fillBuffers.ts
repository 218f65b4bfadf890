import { pcg } from '../../../protocol/seededInputs.ts'
import { datatypes, elementCount } from '../../../protocol/tensor.ts'
import { kernelSuites } from '../../../shaders/kernelSuites.ts'
import { LabError, wordsOf } from '../labWords.ts'
import type { Fault } from '../planSession.ts'
import { arrayOf, numbersOf } from './elementArrays.ts'
import type { InputsAnswer, NumbersRequest, SizedBuffer } from './labNumbersApi.ts'
import { fitsShape, isNpy, readNpy } from './readNpy.ts'
import { holderOf, isWide, wholeRange } from './wholeRange.ts'

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
    case 'random':
      return arrayOf(datatype, count, randomOf(buffer, fill, pcg((at + pcg(request.seed >>> 0)) >>> 0)))
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
  const holds = datatype.startsWith('FP') ? () => true : holderOf(datatype)
  if (!Array.prototype.every.call(numbers, holds))
    throw new LabError(wordsOf('fault.npyType', { file, dtype, datatype }))
  return arrayOf(datatype, numbers.length, (t) => numbers[t]!)
}

/**
 * Random elements by their index.
 * @param base of this buffer's words
 * @throws LabError where the bounds are none of the datatype
 */
function randomOf(
  { datatype }: SizedBuffer,
  bounds: Bounds,
  base: number,
): (index: number) => number | bigint {
  const word = (t: number): number => pcg((t + base) >>> 0)
  if (isWide(datatype)) {
    const [low, past] = wideBoundsOf(datatype, bounds)
    // Two words make one of 64 bits; its product with the range has what is wanted above them.
    return (t) => low + ((((BigInt(word(2 * t)) << 32n) | BigInt(word(2 * t + 1))) * (past - low)) >> 64n)
  }
  const [low, high] = boundsOf(datatype, bounds)
  // 24 bits of the word for floats, so that every step is exact in f32; all of them for integers.
  return datatype.startsWith('FP')
    ? (t) => low + (word(t) >>> 8) * 2 ** -24 * (high - low)
    : (t) => low + Math.floor((word(t) / 2 ** 32) * (high - low))
}

type Bounds = Pick<Extract<SizedBuffer['fill'], { kind: 'random' }>, 'low' | 'high'>

/** Bounds of random values, as they are for whole numbers of up to 32 bits and floats. @throws LabError */
function boundsOf(datatype: SizedBuffer['datatype'], { low, high }: Bounds): [number, number] {
  const float = datatype.startsWith('FP')
  const [least, past] = float ? [-1, 1] : wholeRange(datatype).map(Number)
  const bounds: [number, number] = [low ?? least!, high ?? past!]
  const whole = bounds.every((bound) => Number.isInteger(bound) && bound >= least! && bound <= past!)
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

/** The same for 64 bits. The description keeps its bounds as doubles: only those that lost nothing are taken. @throws LabError */
function wideBoundsOf(datatype: SizedBuffer['datatype'], { low, high }: Bounds): [bigint, bigint] {
  const given = [low, high].filter((bound) => bound !== undefined)
  const [least, past] = wholeRange(datatype)
  if (!given.every((bound) => Number.isInteger(bound) && bound >= least))
    throw new LabError(wordsOf('fault.boundsType', { datatype }))
  if (!given.every(Number.isSafeInteger)) throw new LabError(wordsOf('fault.boundsWide', { datatype }))
  const bounds: [bigint, bigint] = [BigInt(low ?? least), BigInt(high ?? past)]
  if (bounds[0] >= bounds[1]) throw new LabError(wordsOf('fault.bounds'))
  return bounds
}
