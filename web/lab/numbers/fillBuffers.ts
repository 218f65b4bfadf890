import { OpentabError } from '../../../protocol/errors.ts'
import { pcg } from '../../../protocol/seededInputs.ts'
import { datatypes, elementCount } from '../../../protocol/tensor.ts'
import { kernelSuites } from '../../../shaders/kernelSuites.ts'
import { arrayOf } from './elementArrays.ts'
import type { NumbersRequest, SizedBuffer } from './labNumbersApi.ts'

/**
 * The bytes of every buffer that is not zero at first, by name; buffer i of the session is input i of its seed.
 * @throws OpentabError `invalid_value`
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
      const [least, past] = rangeOf(datatype)
      const low = fill.low ?? least
      const high = fill.high ?? past
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
      if (!tensor) {
        throw new OpentabError('invalid_value', `${fill.kernel} makes no ${name}.`, {
          param: name,
          fix: 'Choose another way to fill it.',
        })
      }
      return tensor.bytes as Uint8Array<ArrayBuffer>
    }
    case 'file': {
      const bytes = Uint8Array.from(atob(fill.base64), (character) => character.charCodeAt(0))
      const wanted = count * datatypes[datatype].bytes
      if (bytes.byteLength < wanted) {
        throw new OpentabError(
          'invalid_value',
          `${fill.name} has ${bytes.byteLength} bytes and ${name} needs ${wanted}.`,
          { param: name, fix: 'Make shape and file agree.' },
        )
      }
      return bytes.slice(0, wanted)
    }
    default:
      return fill satisfies never
  }
}

/** The whole range of a datatype: least value, and the one past the largest. Floats from -1 up to 1. */
function rangeOf(datatype: SizedBuffer['datatype']): [number, number] {
  if (datatype.startsWith('FP')) return [-1, 1]
  const bits = datatypes[datatype].bytes * 8
  return datatype.startsWith('INT') ? [-(2 ** (bits - 1)), 2 ** (bits - 1)] : [0, 2 ** bits]
}
